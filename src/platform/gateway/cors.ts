/** Headers, names and values in turn. */
type FlatHeaders = readonly string[];

const EXPOSED = "X-Algokeys-Reason, X-Data-Type, X-Error-Message, X-Request-Id, Retry-After, ETag, Content-Range";

/** An origin in the form in which browsers send one. `*` is none, and would let every page read. */
const ORIGIN = /^(?:null|[a-z][a-z0-9+.-]*:\/\/[A-Za-z0-9._~:[\]-]+)$/;

/**
 * The one answer to every `OPTIONS`, given before a key is asked for, because a browser sends none then: it says what can
 * be asked, and the real answer says who may read it.
 */
export const PREFLIGHT: FlatHeaders = [
  "Access-Control-Allow-Origin",
  "*",
  "Access-Control-Allow-Methods",
  "GET, HEAD, POST, PUT, PATCH, DELETE",
  "Access-Control-Allow-Headers",
  // `*` is every name but Authorization; the others are for browsers that do not know it.
  "Authorization, Content-Type, Accept, Range, If-Match, If-None-Match, If-Modified-Since, X-Requested-With, *",
  "Access-Control-Max-Age",
  "7200",
];

/** Lets the pages of one origin read an answer; of none, if it is undefined or nothing that a browser would send. */
export function corsHeaders(origin: string | undefined): FlatHeaders {
  if (origin === undefined || !ORIGIN.test(origin)) return [];
  return ["Access-Control-Allow-Origin", origin, "Access-Control-Expose-Headers", EXPOSED];
}

import { ROUTES } from "../../api/routes.ts";
import { toldProblem } from "../http/framing.ts";
import type { Refusal } from "./refusal.ts";

/** The request that a proxy asks about. */
export interface ProxiedRequest {
  readonly method: string;
  /** Path and query, raw. */
  readonly uri: string;
}

/** How proxies say it: the header of the method and that of the path with its query. */
const FAMILIES = [
  { method: "x-original-method", uri: "x-original-uri" },
  { method: "x-forwarded-method", uri: "x-forwarded-uri" },
] as const;

/** A request as it came from a proxy. */
export interface ProxyRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly rawHeaders: readonly string[];
}

/**
 * Reads which request a proxy asks about: from `X-Original-*` (nginx), `X-Forwarded-*` (Traefik, Caddy) or, without any of
 * these, the path after `/v2/verify` with the method of the question itself (Envoy). A client can add headers to what its
 * proxy sends, so more than one way at once, half a pair, or a header twice is refused.
 */
export function proxiedRequest({ method = "", url = "", rawHeaders }: ProxyRequest): ProxiedRequest | Refusal {
  const ways: ProxiedRequest[] = [];
  const below = url.slice(ROUTES.verify.length);
  if (below.startsWith("/")) ways.push({ method, uri: below });
  for (const family of FAMILIES) {
    const methods = valuesOf(rawHeaders, family.method);
    const uris = valuesOf(rawHeaders, family.uri);
    if (methods.length === 0 && uris.length === 0) continue;
    const [stated = ""] = methods;
    const [uri = ""] = uris;
    if (methods.length !== 1 || uris.length !== 1 || stated === "") return AMBIGUOUS;
    ways.push({ method: stated, uri });
  }
  const [original] = ways;
  if (original === undefined || ways.length > 1) return AMBIGUOUS;
  // The headers are the question's own, and were looked at with it.
  const problem = toldProblem({ method: original.method, url: original.uri, rawHeaders: [] });
  return problem === undefined ? original : { status: problem.status, reason: problem.code };
}

/**
 * True if the proxy knows no answers but success, 401 and 403 and takes every other for a fault: nginx, by its headers, and
 * whoever says so by `?deny=403`.
 */
export function knowsOnly403({ url = "", rawHeaders }: ProxyRequest): boolean {
  if (url === `${ROUTES.verify}?deny=403`) return true;
  return valuesOf(rawHeaders, FAMILIES[0].uri).length > 0;
}

const AMBIGUOUS: Refusal = { status: 400, reason: "ambiguous_request" };

function valuesOf(rawHeaders: readonly string[], name: string): readonly string[] {
  const values: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const header = rawHeaders[index] ?? "";
    // Most names differ in length already, and then need no copy in lower case.
    if (header.length === name.length && header.toLowerCase() === name) values.push(rawHeaders[index + 1] ?? "");
  }
  return values;
}

import { ROUTES } from "../../api/routes.ts";
import type { AccessTarget } from "../../core/authorize.ts";
import { canonicalDataPath } from "./data-path.ts";

/** The routes that bear callers' keys, by their templates. */
export type RouteTemplate = "/v1/algo/{call}" | "/v1/web/algo/{call}" | "/v1/data/{path}" | "/v1/connector/{path}";

/** A call, read from its method and request target. */
export interface CallRoute {
  readonly template: RouteTemplate;
  readonly method: string;
  readonly target: AccessTarget;
  /** True for the route that is for browsers only. */
  readonly webRoute: boolean;
  /** What is forwarded: path and query, in the one spelling that was judged. Undefined if nothing may be. */
  readonly path: string | undefined;
}

const ALGO = "/v1/algo/";
const WEB_ALGO = "/v1/web/algo/";
const DATA = "/v1/data";
const CONNECTOR = "/v1/connector";

/** True if the gateway answers that request target, and not the management API. */
export function gatewayServes(url: string): boolean {
  return isUnder(url, ROUTES.verify) || isCall(url);
}

/** True if the request target is one of the original's calls. */
export function isCall(url: string): boolean {
  return url.startsWith(ALGO) || url.startsWith(WEB_ALGO) || isUnder(url, DATA) || isUnder(url, CONNECTOR);
}

/** The template of a request target that {@link gatewayServes}, for records: few, whatever is asked for. */
export function templateOf(url: string): RouteTemplate | typeof ROUTES.verify {
  return readCall("", url)?.template ?? ROUTES.verify;
}

/** True if the path is `route` itself or lies below it. */
function isUnder(url: string, route: string): boolean {
  if (!url.startsWith(route)) return false;
  const next = url.charAt(route.length);
  return next === "" || next === "/" || next === "?";
}

/** Reads a call; undefined if the request target is none of the gateway's. Nothing is decoded that `authorize` judges. */
export function readCall(method: string, url: string): CallRoute | undefined {
  const start = url.indexOf("?");
  const path = start < 0 ? url : url.slice(0, start);
  const query = start < 0 ? "" : url.slice(start);
  const plain = /^[\x21-\x7e]*$/.test(query);
  if (path.startsWith(ALGO)) return algorithmCall(method, ALGO, path, plain ? query : undefined);
  if (path.startsWith(WEB_ALGO)) return algorithmCall(method, WEB_ALGO, path, plain ? query : undefined);
  if (isUnder(path, DATA)) return dataCall(method, DATA, path, plain ? query : undefined);
  if (isUnder(path, CONNECTOR)) return dataCall(method, CONNECTOR, path, plain ? query : undefined);
  return undefined;
}

function algorithmCall(
  method: string,
  route: typeof ALGO | typeof WEB_ALGO,
  path: string,
  query: string | undefined,
): CallRoute {
  // The original's Node client sends the URI as its users write it; the upstream knows paths only.
  const call = path.slice(route.length).replace(/^algo:\/\//, "");
  return {
    template: `${route}{call}`,
    method,
    target: { type: "algorithm", call },
    webRoute: route === WEB_ALGO,
    path: query === undefined ? undefined : route + call + query,
  };
}

function dataCall(
  method: string,
  route: typeof DATA | typeof CONNECTOR,
  path: string,
  query: string | undefined,
): CallRoute {
  const rest = canonicalDataPath(path.slice(route.length));
  return {
    template: `${route}/{path}`,
    method,
    target: { type: "data", method },
    webRoute: false,
    path: rest === undefined || query === undefined ? undefined : route + rest + query,
  };
}

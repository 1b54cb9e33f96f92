import type { Caller, KeyApi } from "../../api/key-api.ts";
import { MalformedRequest } from "../../api/problem.ts";
import type { AdminKeys } from "../admin-keys.ts";

/** A route for callers, as `schemas/key-api.openapi.json` has it. */
export interface Route {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** The template of the path. */
  readonly path: string;
  /** The fields that its query may have; absent for none. */
  readonly query?: readonly string[];
  /** The most bytes that its JSON body may have; absent if it takes none. */
  readonly body?: number;
  readonly handle: (call: Call) => Promise<Answer>;
}

/** A request of the management API whose caller is known and whose parts are read. */
export interface Call {
  readonly caller: Caller;
  /** The service in the caller's name. */
  readonly api: KeyApi;
  readonly adminKeys: AdminKeys;
  /** The variable parts of the path; empty for one that the route does not have. */
  readonly account: string;
  readonly id: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Headers;
  /** The body as JSON says it; undefined if the route takes none. */
  readonly body: unknown;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

/** What a handler answers with. A body is JSON; there is none with 304. */
export interface Answer {
  readonly status: 200 | 201 | 304;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The items of a page if the client does not say how many it wants. */
const DEFAULT_LIMIT = 100;

/** The query of a URL: nothing but these fields, each once. Throws {@link MalformedRequest}. */
export function readQuery(url: string, fields: readonly string[] = []): Readonly<Record<string, string>> {
  const query = new Map<string, string>();
  for (const [name, value] of new URL(url).searchParams) {
    if (!fields.includes(name)) {
      const known = fields.length === 0 ? "none" : fields.join(", ");
      throw new MalformedRequest(`The query has a field that this route does not know. It knows ${known}.`);
    }
    if (query.has(name)) throw new MalformedRequest(`The query states ${name} twice.`);
    query.set(name, value);
  }
  return Object.fromEntries(query);
}

/** The page that a query asks for. Its range is the service's to judge. Throws {@link MalformedRequest}. */
export function readPageQuery({ limit, cursor }: Call["query"]): { readonly limit: number; readonly cursor?: string } {
  if (limit !== undefined && !/^\d{1,9}$/.test(limit)) throw new MalformedRequest("limit must be a whole number.");
  return { limit: Number(limit ?? DEFAULT_LIMIT), ...(cursor === undefined ? {} : { cursor }) };
}

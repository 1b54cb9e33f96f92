/** What a key may do over the Data API: one choice, never two booleans, so that "write without read" cannot be said. */
export type DataAccess = "none" | "read" | "readwrite";

/** All of them, from least to most. */
export const DATA_ACCESS = ["none", "read", "readwrite"] as const satisfies readonly DataAccess[];

/** What a Data API request comes to, before its path is looked at (`vectors/data.json`). */
export type DataDecision =
  | { readonly effect: "allow"; readonly reason: "data" }
  | { readonly effect: "deny"; readonly reason: "data_not_allowed"; readonly status: 403 }
  | { readonly effect: "deny"; readonly reason: "method_not_allowed"; readonly status: 405 }
  | { readonly effect: "deny"; readonly reason: "preflight"; readonly status: 204 };

const READS: readonly string[] = ["GET", "HEAD"];
const WRITES: readonly string[] = ["PUT", "POST", "PATCH", "DELETE"];

/**
 * Decides by HTTP method alone; 403 comes before any look-up, so it says nothing of what exists. `OPTIONS` bears no
 * key: it is a deny with status 204, the fixed preflight answer, so that nothing is ever forwarded for it.
 */
export function decideData(access: DataAccess, method: string): DataDecision {
  if (method === "OPTIONS") return { effect: "deny", reason: "preflight", status: 204 };
  const reads = READS.includes(method);
  if (!reads && !WRITES.includes(method)) return { effect: "deny", reason: "method_not_allowed", status: 405 };
  const enough = access === "readwrite" || (access === "read" && reads);
  return enough ? { effect: "allow", reason: "data" } : { effect: "deny", reason: "data_not_allowed", status: 403 };
}

import type { RequestFields } from "../gateway/request-context.ts";
import type { JsonLog } from "./json-log.ts";
import type { Metrics } from "./metrics.ts";

/** What is known of a request at its end. Never a token, never a query, never a path that someone made up. */
export interface RequestRecord extends Partial<RequestFields> {
  readonly requestId: string;
  readonly method: string;
  /** The status that was sent, or would have been. */
  readonly status: number;
  /** From the end of the headers to the end of the answer. */
  readonly milliseconds: number;
  /** True if the connection ended before the answer did. */
  readonly cut: boolean;
  /** The name of the admin key that was shown. */
  readonly caller?: string;
}

/** Makes what is done at the end of every request: one line in the access log, and its counts. */
export function requestRecorder(log: JsonLog, metrics: Metrics): (record: RequestRecord) => void {
  return (record) => {
    const { requestId, method, status, milliseconds, cut, caller, keyId, account, reason } = record;
    const route = record.route ?? "unmatched";
    const ms = Math.round(milliseconds * 1000) / 1000;
    const seen = { caller, key: keyId, account, reason, ...(cut ? { cut } : {}) };
    log.write("request", { request: requestId, method, route, status, ms, ...seen });
    metrics.countRequest(route, status, milliseconds / 1000);
    if (reason !== undefined) metrics.countReason(reason);
  };
}

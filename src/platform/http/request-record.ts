import type { JsonLog } from "./json-log.ts";
import type { Metrics } from "./metrics.ts";

/** What is known of a request at its end. Never a token, never a query, never a path that someone made up. */
export interface RequestRecord {
  readonly requestId: string;
  readonly method: string;
  /** The status that was sent; 499 if the connection ended before there was one. */
  readonly status: number;
  /** From the end of the headers to the end of the answer, or until it was handed to the connection at once. */
  readonly milliseconds: number;
  /** True if the connection ended before the answer did. */
  readonly cut: boolean;
  /** The template of its route; undefined if there is none. */
  readonly route?: string | undefined;
  /** The name of the admin key that was shown. */
  readonly caller?: string | undefined;
  readonly keyId?: string | undefined;
  readonly account?: string | undefined;
  /** Why it was allowed or refused. */
  readonly reason?: string | undefined;
}

/** Makes what is done at the end of every request: one line in the access log, and its counts. */
export function requestRecorder(log: JsonLog, metrics: Metrics): (record: RequestRecord) => void {
  return (record) => {
    const { route = "unmatched", status, milliseconds, reason } = record;
    log.writeText("request", requestText(record, route));
    metrics.countRequest(route, status, milliseconds / 1000);
    if (reason !== undefined) metrics.countReason(reason);
  };
}

/** Put together by hand: a busy gateway spends as much on an object and its JSON as on deciding. */
function requestText(record: RequestRecord, route: string): string {
  const { requestId, method, status, milliseconds, cut, caller, keyId, account, reason } = record;
  let text = `"request":"${requestId}","method":"${method}","route":"${route}","status":${status}`;
  text += `,"ms":${Math.round(milliseconds * 1000) / 1000}`;
  if (caller !== undefined) text += `,"caller":${JSON.stringify(caller)}`;
  if (keyId !== undefined) text += `,"key":${JSON.stringify(keyId)}`;
  if (account !== undefined) text += `,"account":${JSON.stringify(account)}`;
  if (reason !== undefined) text += `,"reason":${JSON.stringify(reason)}`;
  return cut ? `${text},"cut":true` : text;
}

/** What is known of a request once it was judged, for the access log and the metrics. Never a token, never a query. */
export interface RequestFields {
  /** The template of the route, such as `/v1/algo/{call}`: few, whatever is asked for. */
  readonly route: string;
  readonly keyId?: string;
  readonly account?: string;
  /** The name of the admin key that was shown. */
  readonly caller?: string;
  /** Why it was allowed or refused: a reason of the decision, or one of the gateway's own. */
  readonly reason?: string;
}

/** What the listener knows of a request, and where it is told the rest. */
export interface RequestContext {
  readonly requestId: string;
  /**
   * True if the client waits for `100 Continue` and nobody has sent it: the listener got the request by the event
   * `checkContinue`. The gateway sends it once the call is allowed, so that a refused body never travels.
   */
  readonly expectsContinue?: boolean;
  /** Called before the answer ends; of two words on one thing, the later one counts. */
  record(fields: RequestFields): void;
}

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
   * Asks for the body, if the client waits to be asked (`Expect: 100-continue`). Done once the call is allowed, so that a
   * refused body never travels.
   */
  askForBody(): void;
  /**
   * True if the connection ends with this answer; its head must say so. Nothing that follows a badly framed request, or one
   * whose body was not read, is taken for a request. Asked while the answer's head is made.
   */
  isLast(): boolean;
  /** Ends the answer, with the rest of its body. A client that still sends gets a moment to read it. */
  finish(body?: string | Buffer): void;
  /** Called before the answer ends; of two words on one thing, the later one counts. */
  record(fields: RequestFields): void;
}

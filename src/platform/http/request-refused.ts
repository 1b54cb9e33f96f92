import { KeyApiError } from "../../api/errors.ts";

/** A refusal by HTTP itself, whose status says more than its code: a body too large (413), If-Match missing (428), ... */
export class RequestRefused extends KeyApiError {
  readonly status: 400 | 404 | 405 | 408 | 413 | 415 | 428;

  constructor(status: RequestRefused["status"], message: string) {
    super("invalid", message);
    this.status = status;
  }
}

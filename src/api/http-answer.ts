import { KeyApiError, type KeyApiErrorCode } from "./errors.ts";
import { errorOf, PROBLEM_TYPE } from "./problem.ts";
import { HEADERS } from "./routes.ts";
import type { WireResponse } from "./transport.ts";
import { MalformedAnswer, readProblem, type ReadAnswer } from "./wire-answers.ts";

/**
 * What an answer says, or the {@link KeyApiError} that it tells of. What is no platform's answer, such as a page of a
 * proxy, is `unavailable`: above all a 404 that no platform said must not look like an account that is not there.
 */
export function answerOf<T>(response: WireResponse, read: ReadAnswer<T>): T {
  const { status, headers } = response;
  if (status >= 200 && status < 300) return readJson(response, "application/json", read);
  if (status >= 300 && status < 400) throw redirected(headers["location"]);
  if (mediaType(response) !== PROBLEM_TYPE) throw foreignRefusal(response);
  const problem = readJson(response, PROBLEM_TYPE, readProblem);
  // The header is what proxies add and change, so it counts more than the body.
  const retryAfter = waitSeconds(headers) ?? problem.retryAfter;
  throw errorOf(retryAfter === undefined ? problem : { ...problem, retryAfter });
}

function readJson<T>(response: WireResponse, type: string, read: ReadAnswer<T>): T {
  if (mediaType(response) !== type) throw foreign(response);
  let value: unknown;
  try {
    value = JSON.parse(response.body);
  } catch {
    // The parser's own words would repeat a part of the body.
    throw new KeyApiError("unavailable", "The platform's answer is no whole JSON; it may have been cut on its way.");
  }
  try {
    return read(value);
  } catch (cause) {
    if (!(cause instanceof MalformedAnswer)) throw cause;
    const advice = "Is the address that of an algokeys platform, and are both of a like version?";
    const message = `The platform's answer has another form than expected: ${cause.message}. ${advice}`;
    throw new KeyApiError("unavailable", message, { retryable: false, cause });
  }
}

/** A token must not follow a redirect to wherever it leads. */
function redirected(location: string | undefined): KeyApiError {
  const where = location === undefined ? "elsewhere" : `to ${placeOf(location)}`;
  const message = `The platform's address leads ${where}, and a token is not sent there unasked. State the final address.`;
  return new KeyApiError("unavailable", message, { retryable: false });
}

/** A location without what may be secret in it: its query, its fragment and its user. */
function placeOf(location: string): string {
  const place = location.replace(/[?#].*$/s, "").replace(/\/\/[^/]*@/, "//");
  return JSON.stringify(place.slice(0, 200));
}

/** A refusal by something in front of the platform. */
function foreignRefusal(response: WireResponse): KeyApiError {
  const { status, headers } = response;
  const code = FOREIGN_CODES[status];
  if (code === undefined) return foreign(response);
  const retryAfter = waitSeconds(headers);
  const message = `Something in front of the platform answers with status ${status}, without saying why.`;
  return new KeyApiError(code, message, retryAfter === undefined ? {} : { retryAfter: retryAfter * 1000 });
}

const FOREIGN_CODES: Readonly<Partial<Record<number, KeyApiErrorCode>>> = {
  401: "unauthenticated",
  403: "forbidden",
  408: "unavailable",
  429: "rate-limited",
  502: "unavailable",
  503: "unavailable",
  504: "unavailable",
};

function foreign(response: WireResponse): KeyApiError {
  const type = mediaType(response);
  const what = type === "" ? "nothing that says what it is" : JSON.stringify(type.slice(0, 60));
  const message = `This is no answer of a platform: status ${response.status} with ${what}. Check the platform's address.`;
  return new KeyApiError("unavailable", message, { retryable: false });
}

function mediaType({ headers }: WireResponse): string {
  return (headers["content-type"] ?? "").replace(/;.*$/s, "").trim().toLowerCase();
}

/** The seconds of `Retry-After`; a date is not read, since the clocks may differ. */
function waitSeconds(headers: WireResponse["headers"]): number | undefined {
  const text = headers[HEADERS.retryAfter] ?? "";
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

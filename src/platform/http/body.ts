import { MalformedRequest } from "../../api/problem.ts";
import { parseBoundedJson } from "./bounded-json.ts";
import { RequestRefused } from "./request-refused.ts";

/** How long a whole body may take, in milliseconds. */
const BODY_MS = 30_000;

/**
 * Reads the JSON of a request's body, of at most `limit` bytes. Throws {@link RequestRefused} (408, 413, 415) or
 * {@link MalformedRequest}.
 */
export async function readJsonBody(request: Request, limit: number): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json *(?:;|$)/i.test(type)) {
    throw new RequestRefused(415, "The body must be JSON. Send Content-Type: application/json.");
  }
  const [, charset] = /; *charset *= *"?([^\s";]*)/i.exec(type) ?? [];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    throw new RequestRefused(415, "The body must be UTF-8, as all JSON is. Leave the charset out.");
  }
  const encoding = request.headers.get("content-encoding") ?? "identity";
  if (!/^identity$/i.test(encoding.trim())) {
    throw new RequestRefused(415, "The body must not be compressed. Leave Content-Encoding out.");
  }
  const bytes = await readBody(request, limit);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new MalformedRequest("The body is not UTF-8."); // the decoder has nothing else to say
  }
  return parseBoundedJson(text);
}

/** Refuses a body where none belongs. */
export async function expectNoBody(request: Request): Promise<void> {
  const bytes = await readBody(request, 0).catch((error: unknown) => error);
  if (bytes instanceof RequestRefused && bytes.status === 413) {
    throw new MalformedRequest("This request takes no body.");
  }
  if (bytes instanceof Error) throw bytes;
}

async function readBody(request: Request, limit: number): Promise<Buffer> {
  if (Number(request.headers.get("content-length") ?? 0) > limit) throw tooLarge(limit);
  if (request.body === null) return Buffer.alloc(0);
  const reader: Reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const deadline = { passed: false };
  const timer = setTimeout(() => {
    deadline.passed = true;
    void reader.cancel().catch(() => undefined);
  }, BODY_MS);
  try {
    for (;;) {
      const { done, value } = await readChunk(reader);
      if (done) break;
      size += value.byteLength;
      if (size > limit) {
        void reader.cancel().catch(() => undefined);
        throw tooLarge(limit);
      }
      chunks.push(value);
    }
  } finally {
    clearTimeout(timer);
  }
  if (deadline.passed) throw new RequestRefused(408, `The body did not come within ${BODY_MS / 1000} seconds.`);
  return Buffer.concat(chunks);
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

async function readChunk(reader: Reader): ReturnType<Reader["read"]> {
  try {
    return await reader.read();
  } catch {
    throw new RequestRefused(400, "The body ended before its end."); // the client has gone: nobody reads this
  }
}

function tooLarge(limit: number): RequestRefused {
  return new RequestRefused(413, `The body is larger than ${limit} bytes, the most that this route takes.`);
}

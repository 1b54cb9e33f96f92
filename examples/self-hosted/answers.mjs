// The forms in which the original platform answers calls and data requests.

/** What a request is refused with. The message is for the caller to read. */
export class Refusal extends Error {
  constructor(status, message, facts = {}) {
    super(message);
    this.status = status;
    this.facts = facts;
  }
}

/** Answers with JSON. */
export function sendJson(response, status, body, headers = {}) {
  send(response, status, Buffer.from(JSON.stringify(body)), { "content-type": "application/json", ...headers });
}

/** Answers with bytes; a HEAD request gets their headers only. */
export function send(response, status, bytes, headers = {}) {
  response.writeHead(status, { "x-content-type-options": "nosniff", "content-length": bytes.length, ...headers });
  response.end(response.req.method === "HEAD" ? undefined : bytes);
}

/** Tells of a refusal: in the body, and in a header because an answer to HEAD has no body. */
export function sendRefusal(response, { status, message, facts }) {
  const header = message.replaceAll(/[^\x20-\x7e]/g, "?");
  // What is left of the request's body is not waited for, so this connection cannot serve another request.
  const headers = response.req.complete ? {} : { connection: "close" };
  sendJson(response, status, { error: { ...facts, message } }, { "x-error-message": header, ...headers });
}

/** The chunks of a body. Whoever stops reading can still answer: the connection stays. */
export function chunksOf(request) {
  return request.iterator({ destroyOnReturn: false });
}

/** Reads a whole body of at most `limit` bytes. */
export async function readBody(request, limit) {
  const chunks = [];
  let size = 0;
  for await (const chunk of chunksOf(request)) {
    size += chunk.length;
    if (size > limit) throw new Refusal(413, `The body is larger than ${limit} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Reads a body that is a JSON object. */
export async function readObject(request, limit) {
  const body = await readBody(request, limit);
  let value;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    // told below
  }
  if (typeof value !== "object" || value === null) throw new Refusal(400, "The body is not a JSON object.");
  return value;
}

// Calls of algorithms in the original's wire form: the content type of the input says what it is, and the answer says
// what the result is.
import { AlgorithmError, findAlgorithm } from "./algorithms.mjs";
import { readBody, Refusal, sendJson } from "./answers.mjs";

/** The largest input, in bytes, as on the original platform. */
const LARGEST_INPUT = 10 * 1024 * 1024;

/** Answers a call; `path` is what follows `/v1/algo/` or `/v1/web/algo/`. */
export async function answerCall({ request, response, path, account }) {
  if (request.method !== "POST") throw new Refusal(405, "Algorithms are called with POST.");
  const algorithm = findAlgorithm(path, account);
  if (algorithm === undefined) throw new Refusal(404, `algorithm algo://${path} not found`);
  const input = readInput(request.headers["content-type"], await readBody(request, LARGEST_INPUT));
  const start = performance.now();
  try {
    const { type, value } = algorithm.run(input);
    const duration = Math.round(performance.now() - start) / 1000;
    const result = type === "binary" ? value.toString("base64") : value;
    sendJson(response, 200, { result, metadata: { content_type: type, duration } });
  } catch (error) {
    // An algorithm's own failure is an answer like any other; what is a bug of ours is not told.
    if (!(error instanceof AlgorithmError)) throw error;
    sendJson(response, 200, { error: { message: error.message } });
  }
}

function readInput(contentType = "application/json", body) {
  const type = contentType.split(";")[0].trim().toLowerCase();
  if (type === "text/plain" || type === "application/text") return { type: "text", value: body.toString("utf8") };
  if (type === "application/octet-stream") return { type: "binary", value: body };
  if (type !== "application/json") throw new Refusal(415, `Input of the type ${type} is not understood.`);
  try {
    return { type: "json", value: JSON.parse(body.toString("utf8")) };
  } catch {
    throw new Refusal(400, "The input is not valid JSON.");
  }
}

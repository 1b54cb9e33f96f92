// The two algorithms of this upstream, and how a call finds one. An algorithm gets {type: "text" | "json" | "binary",
// value} and gives the same; what it throws as an `AlgorithmError` is told to the caller.
import { sentimentOf } from "./sentiment.mjs";

/** An algorithm's own failure, such as an input that it cannot use. */
export class AlgorithmError extends Error {}

const ALGORITHMS = {
  "demo/hello": { name: "demo/Hello", versions: ["0.1.0", "0.1.1"], run: hello },
  "demos/sentiment_analysis": { name: "demos/sentiment_analysis", versions: ["0.1.0", "1.0.0"], run: sentiment },
};

/** The algorithm that a path OWNER/NAME[/VERSION] names, for the account that `.my` stands for; undefined if none. */
export function findAlgorithm(path, account) {
  const [owner, name, version = "latest", ...rest] = path.replace(/\/$/, "").split("/");
  const id = `${owner === ".my" ? account : owner}/${name}`.toLowerCase();
  const algorithm = Object.hasOwn(ALGORITHMS, id) ? ALGORITHMS[id] : undefined;
  const isThere = algorithm?.versions.some((published) => names(version, published)) === true;
  return isThere && rest.length === 0 ? algorithm : undefined;
}

/** True if a version as asked for can be the published one: exactly, by `1.2.*` or `1.*`, or as the latest. */
function names(version, published) {
  if (version === "latest") return true;
  return version.endsWith(".*") ? published.startsWith(version.slice(0, -1)) : version === published;
}

/** demo/Hello: greets whom it is given. */
function hello({ type, value }) {
  if (type === "binary") return { type, value: Buffer.concat([Buffer.from("Hello "), value]) };
  const name = typeof value === "object" && value !== null ? value.name : value;
  if (typeof name !== "string") throw new AlgorithmError('Hello wants a name: "HAL 9000" or {"name": "HAL 9000"}.');
  return { type: "text", value: `Hello ${name}` };
}

/** demos/sentiment_analysis: how friendly each document is, from -1 to 1. */
function sentiment({ type, value }) {
  const documents = Array.isArray(value) ? value : [value];
  const results = documents.map((document) => {
    const text = typeof document === "object" && document !== null ? document.document : document;
    if (type === "binary" || typeof text !== "string") {
      throw new AlgorithmError('sentiment_analysis wants text, {"document": TEXT}, or a list of these.');
    }
    return { document: text, sentiment: sentimentOf(text) };
  });
  return { type: "json", value: Array.isArray(value) ? results : results[0] };
}

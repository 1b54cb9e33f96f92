// Where a path of the Data API leads: data://OWNER/COLLECTION/FILE. Collections are flat, as on the original platform.
import { Refusal } from "./answers.mjs";

/** An account's name. */
const OWNER = /^[A-Za-z][A-Za-z0-9_]{0,29}$/;

/** The most bytes that a name takes on disk. */
const LONGEST_NAME = 200;

/**
 * Reads the raw path after `/v1/data`. Some clients percent-encode the whole path, so it is decoded first, exactly once,
 * and every name is judged after that. `.my` is the caller's own account.
 */
export function readDataPath(rawPath, account) {
  const path = decoded(rawPath).normalize("NFC").replace(/^\//, "").replace(/\/$/, "");
  if (path === "") return { uri: "data://" };
  const segments = path.split("/");
  if (segments.length > 3) throw new Refusal(400, "Collections have no folders: data://OWNER/COLLECTION/FILE.");
  const [first, ...names] = segments;
  const owner = first === ".my" ? account : first;
  if (!OWNER.test(owner)) throw new Refusal(404, `data://${path} not found`);
  for (const name of names) requireName(name);
  const [collection, file] = names;
  return { uri: `data://${[owner, ...names].join("/")}`, owner, collection, file };
}

/** Refuses what cannot be the name of a file or collection. */
export function requireName(name) {
  const usable =
    typeof name === "string" && name !== "" && name !== "." && name !== ".." && !/[/\\\p{Cc}\p{Cs}]/u.test(name);
  if (!usable) throw new Refusal(400, "A name must not be empty, . or .., or hold /, \\ or control characters.");
  if (diskName(name).length > LONGEST_NAME) throw new Refusal(400, "A name is too long.");
}

/** The name under which a file or collection lies on disk: plain ASCII that never begins with a dot and has no slash. */
export function diskName(name) {
  return encodeURIComponent(name).replace(/^\./, "%2E");
}

/** The name that lies on disk as `entry`. */
export function nameOnDisk(entry) {
  return decodeURIComponent(entry);
}

function decoded(rawPath) {
  try {
    return decodeURIComponent(rawPath);
  } catch {
    throw new Refusal(400, "The path is not valid percent-encoding.");
  }
}

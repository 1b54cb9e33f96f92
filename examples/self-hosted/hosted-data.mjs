// The original's Data API over files on disk: GET, HEAD, PUT, POST, PATCH and DELETE of data://OWNER/COLLECTION/FILE.
// Whether a key may use data at all was decided by the gateway; here it is about whose data it is.
import { chunksOf, readObject, Refusal, send, sendJson } from "./answers.mjs";
import { readDataPath, requireName } from "./data-path.mjs";

/** Bodies that describe something, in bytes. */
const LARGEST_DESCRIPTION = 64 * 1024;

/** Files up to this size, in bytes, are looked at before they are called JSON. */
const LARGEST_JSON = 10 * 1024 * 1024;

/** Answers a request to `/v1/data` followed by `rawPath`, for the account `account`. */
export async function answerData({ request, response, rawPath, query, account, store }) {
  const place = readDataPath(rawPath, account);
  const isOwner = place.owner?.toLowerCase() === account.toLowerCase();
  switch (request.method) {
    case "GET":
    case "HEAD":
      return await read({ response, place, query, account, isOwner, store });
    case "PUT":
      requireOwner(place, isOwner);
      if (place.file === undefined) throw new Refusal(400, "PUT needs data://OWNER/COLLECTION/FILE.");
      await store.putFile(place, chunksOf(request));
      return sendJson(response, 200, { result: place.uri });
    case "POST":
      requireOwner(place, isOwner);
      return await makeCollection(request, response, place, store);
    case "PATCH": {
      requireOwner(place, isOwner);
      if (place.collection === undefined || place.file !== undefined)
        throw new Refusal(400, "PATCH needs a collection.");
      const { acl } = await readObject(request, LARGEST_DESCRIPTION);
      await store.setAcl(place, checkedAcl(acl));
      return send(response, 200, Buffer.alloc(0));
    }
    case "DELETE": {
      requireOwner(place, isOwner);
      if (place.collection === undefined) throw new Refusal(400, "DELETE needs a collection or a file.");
      const deleted =
        place.file === undefined
          ? await store.deleteCollection(place, query.get("force") === "true")
          : await store.deleteFile(place);
      return sendJson(response, 200, { result: { deleted } });
    }
    default:
      throw new Refusal(405, `The Data API has no method ${request.method}.`);
  }
}

async function read({ response, place, query, account, isOwner, store }) {
  const directory = { "x-data-type": "directory" };
  // The root tells the caller who it is: clients ask it for just that.
  if (place.owner === undefined) return sendJson(response, 200, { folders: [{ name: account }], files: [] }, directory);
  if (place.collection === undefined && !isOwner) throw new Refusal(404, `${place.uri} not found`);
  const acl = place.collection === undefined ? undefined : await readableAcl(place, isOwner, store);
  if (place.file !== undefined) return await sendFile(response, place, store);
  const { folders, files, marker } = await store.list(place, readMarker(query.get("marker")));
  const body = {
    folders,
    files,
    ...(marker === null ? {} : { marker: Buffer.from(JSON.stringify({ after: marker })).toString("base64") }),
    ...(query.get("acl") === "true" && acl !== undefined ? { acl } : {}),
  };
  sendJson(response, 200, body, directory);
}

/** Others' collections are not there at all unless their owner opened them to every user. */
async function readableAcl(place, isOwner, store) {
  const collection = { ...place, file: undefined };
  const acl = await store.acl(collection).catch((error) => {
    throw error instanceof Refusal ? new Refusal(404, `${place.uri} not found`) : error;
  });
  if (!isOwner && !acl.read.includes("user://*")) throw new Refusal(404, `${place.uri} not found`);
  return acl;
}

async function sendFile(response, place, store) {
  const { handle, size, changedAt } = await store.openFile(place);
  try {
    const accept = response.req.headers.accept ?? "";
    const headers = {
      "content-type": await contentType(accept, handle, size),
      "content-length": size,
      "last-modified": changedAt.toUTCString(),
      "x-data-type": "file",
      "x-content-type-options": "nosniff",
    };
    response.writeHead(200, headers);
    if (response.req.method === "HEAD" || size === 0) return void response.end();
    // A stream ends where the file ended when it was opened, so that it never says more than it announced.
    for await (const chunk of handle.createReadStream({ start: 0, end: size - 1, autoClose: false })) {
      if (response.destroyed) return;
      if (!response.write(chunk)) await drained(response);
    }
    response.end();
  } finally {
    await handle.close();
  }
}

/** The clients read an answer by its content type, so they get the one they ask for; nothing is ever called HTML. */
async function contentType(accept, handle, size) {
  if (accept === "text/plain") return "text/plain; charset=utf-8";
  if (accept !== "application/json" || size > LARGEST_JSON) return "application/octet-stream";
  try {
    const bytes = Buffer.alloc(size);
    await handle.read(bytes, 0, size, 0);
    JSON.parse(bytes.toString("utf8"));
    return "application/json";
  } catch {
    return "application/octet-stream";
  }
}

async function makeCollection(request, response, place, store) {
  if (place.collection !== undefined) throw new Refusal(400, "Collections are made in data://OWNER or data://.my.");
  const { name, acl } = await readObject(request, LARGEST_DESCRIPTION);
  requireName(name);
  const made = { owner: place.owner, collection: name, uri: `data://${place.owner}/${name}` };
  await store.makeCollection(made, acl === undefined ? undefined : checkedAcl(acl));
  sendJson(response, 200, { result: made.uri });
}

function requireOwner(place, isOwner) {
  if (!isOwner) throw new Refusal(403, `caller is not authorized to write ${place.uri}`);
}

/** Whom a collection can be opened to: nobody, the owner's algorithms, every user. */
function checkedAcl(acl) {
  const read = acl?.read;
  const known = ["algo://.my/*", "user://*"];
  if (Array.isArray(read) && read.every((entry) => known.includes(entry))) return { read };
  throw new Refusal(400, `acl.read must be a list of ${known.join(" and ")}, or empty.`);
}

function readMarker(marker) {
  if (marker === null) return undefined;
  try {
    const { after } = JSON.parse(Buffer.from(marker, "base64").toString("utf8"));
    if (typeof after === "string") return after;
  } catch {
    // told below
  }
  throw new Refusal(400, "The marker is not one of this platform.");
}

async function drained(response) {
  await new Promise((resolve) => {
    response.once("drain", resolve);
    response.once("close", resolve);
  });
}

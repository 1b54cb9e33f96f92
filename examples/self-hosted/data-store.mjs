// Collections and files on disk: ROOT/account/collection/file. What begins with a dot is the store's own.
import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "./answers.mjs";
import { diskName, nameOnDisk } from "./data-path.mjs";

/** How many entries of a listing are told at once. */
const PAGE = 1000;

/** The largest file, in bytes. */
const LARGEST_FILE = 256 * 1024 * 1024;

/** Who may read a collection that says nothing else: its owner, and algorithms on the owner's behalf. */
const DEFAULT_ACL = { read: ["algo://.my/*"] };

/** Makes the store under a folder. Places are what `readDataPath` gives; every method refuses with a `Refusal`. */
export function dataStore(root) {
  const folderOf = ({ owner, collection }) =>
    join(root, owner.toLowerCase(), ...(collection === undefined ? [] : [diskName(collection)]));
  const fileOf = (place) => join(folderOf(place), diskName(place.file));

  return {
    /** Who may read a collection. */
    async acl(place) {
      await requireFolder(folderOf(place), place);
      const text = await readFile(join(folderOf(place), ".acl.json"), "utf8").catch(whenAbsent(undefined));
      return text === undefined ? DEFAULT_ACL : JSON.parse(text);
    },

    async setAcl(place, acl) {
      await requireFolder(folderOf(place), place);
      await writeWhole(folderOf(place), ".acl.json", [Buffer.from(JSON.stringify(acl))]);
    },

    /** One page of a collection's files, or of an account's collections. */
    async list(place, marker) {
      const folder = folderOf(place);
      const found = await readdir(folder, { withFileTypes: true }).catch(
        place.collection === undefined ? whenAbsent([]) : notFound(place),
      );
      const names = found
        .filter((entry) => !entry.name.startsWith(".") && entry.isDirectory() === (place.collection === undefined))
        .map((entry) => nameOnDisk(entry.name))
        .sort(byCodeUnits);
      const start = marker === undefined ? 0 : names.findIndex((name) => byCodeUnits(name, marker) > 0);
      const page = start < 0 ? [] : names.slice(start, start + PAGE);
      const isLast = start < 0 || start + PAGE >= names.length;
      const folders = place.collection === undefined ? page.map((name) => ({ name })) : [];
      const files =
        place.collection === undefined ? [] : await Promise.all(page.map((name) => fileFacts(folder, name)));
      return { folders, files: files.filter((file) => file !== undefined), marker: isLast ? null : page.at(-1) };
    },

    async makeCollection(place, acl) {
      await mkdir(join(root, place.owner.toLowerCase()), { recursive: true, mode: 0o700 });
      await mkdir(folderOf(place), { mode: 0o700 }).catch((error) => {
        if (error.code === "EEXIST") throw new Refusal(409, `${place.uri} exists already`);
        throw error;
      });
      if (acl !== undefined) await writeWhole(folderOf(place), ".acl.json", [Buffer.from(JSON.stringify(acl))]);
    },

    /** Writes a file whole or not at all: a reader sees what was there before, or all of it. */
    async putFile(place, chunks) {
      await requireFolder(folderOf(place), { ...place, uri: place.uri.slice(0, place.uri.lastIndexOf("/")) });
      await writeWhole(folderOf(place), diskName(place.file), chunks);
    },

    /** An open file and its facts; the caller closes it. Symbolic links are not followed. */
    async openFile(place) {
      const handle = await open(fileOf(place), constants.O_RDONLY | constants.O_NOFOLLOW).catch(notFound(place));
      const facts = await handle.stat();
      if (facts.isFile()) return { handle, size: facts.size, changedAt: facts.mtime };
      await handle.close();
      throw new Refusal(404, `${place.uri} not found`);
    },

    async deleteFile(place) {
      await unlink(fileOf(place)).catch(notFound(place));
      return 1;
    },

    /** Deletes a collection, with its files only if `force` says so. Gives how many files went. */
    async deleteCollection(place, force) {
      const entries = await readdir(folderOf(place)).catch(notFound(place));
      const files = entries.filter((name) => !name.startsWith(".")).length;
      if (files > 0 && !force) {
        throw new Refusal(400, `${place.uri} is not empty; delete it with force=true`, { deleted: 0 });
      }
      const grave = join(root, place.owner.toLowerCase(), `.deleted-${randomUUID()}`);
      await rename(folderOf(place), grave).catch(notFound(place));
      await rm(grave, { recursive: true, force: true });
      return files;
    },
  };
}

async function requireFolder(folder, place) {
  const facts = await stat(folder).catch(notFound(place));
  if (!facts.isDirectory()) throw new Refusal(404, `${place.uri} not found`);
}

async function fileFacts(folder, name) {
  const facts = await stat(join(folder, diskName(name))).catch(whenAbsent(undefined));
  return facts && { filename: name, last_modified: facts.mtime.toISOString(), size: facts.size };
}

async function writeWhole(folder, name, chunks) {
  const draft = join(folder, `.draft-${randomUUID()}`);
  try {
    const handle = await open(draft, "wx", 0o600);
    try {
      let size = 0;
      for await (const chunk of chunks) {
        size += chunk.length;
        if (size > LARGEST_FILE) throw new Refusal(413, `A file may have at most ${LARGEST_FILE} bytes.`);
        await handle.writeFile(chunk);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, join(folder, name));
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

function whenAbsent(value) {
  return (error) => {
    if (error.code === "ENOENT") return value;
    throw error;
  };
}

function notFound(place) {
  return (error) => {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(error.code)) throw new Refusal(404, `${place.uri} not found`);
    throw error;
  };
}

function byCodeUnits(left, right) {
  return left < right ? -1 : left > right ? 1 : 0;
}

import { createHash } from "node:crypto";
import { CLIENT_ID_PATTERN } from "../../api/change-set.ts";
import { KeyApiError } from "../../api/errors.ts";
import type { ListQuery } from "../../api/key-api.ts";
import { MalformedRequest } from "../../api/problem.ts";
import { HEADERS, readKeyEtag } from "../../api/routes.ts";
import { RequestRefused } from "./request-refused.ts";

/**
 * The revision that a write expects its key to be at, by `If-Match`: one strong entity tag of that very key. Missing: 428.
 * Weak, `*` or a list: 400, because they promise less. Of another key: stale, because the reader saw something else.
 */
export function expectedRevision(headers: Headers, id: string): number {
  const stated = headers.get(HEADERS.ifMatch);
  if (stated === null) {
    const fix = "Read the key and send its ETag, so that nobody else's change is overwritten.";
    throw new RequestRefused(428, `If-Match is missing. ${fix}`);
  }
  const etag = readKeyEtag(stated);
  if (etag === undefined) throw new MalformedRequest("If-Match must be one strong ETag as the key was read with.");
  if (etag.id !== id) throw new KeyApiError("stale", "If-Match is the ETag of another key. Nothing was changed.");
  return etag.revision;
}

/** The id of the change set that a single-key route commits: the client's, by `Idempotency-Key`, else one that is drawn. */
export function changeSetId(headers: Headers, randomId: () => string): string {
  const stated = headers.get(HEADERS.idempotencyKey);
  if (stated === null) return randomId();
  if (CLIENT_ID_PATTERN.test(stated)) return stated;
  throw new MalformedRequest("Idempotency-Key must be 16 to 64 letters, digits, - or _.");
}

/**
 * The entity tag of a page of keys: the account's revision, and what was asked for. What time alone removes (deletions
 * that can no longer be undone, credentials long gone) moves it once a day.
 */
export function pageEtag(revision: number, query: ListQuery, now: number): string {
  const asked = JSON.stringify([query, Math.floor(now / DAY_MS)]);
  return `"${revision}.${createHash("sha256").update(asked).digest("hex").slice(0, 16)}"`;
}

/** True if the client holds what `etag` names already, by `If-None-Match`. */
export function isHeld(headers: Headers, etag: string): boolean {
  const stated = headers.get(HEADERS.ifNoneMatch);
  if (stated === null) return false;
  if (stated.trim() === "*") return true;
  return stated.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}

const DAY_MS = 86_400_000;

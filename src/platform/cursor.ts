import { KeyApiError } from "../api/errors.ts";
import { MAX_PAGE, type PageQuery } from "../api/key-api.ts";

/** The listings that have pages; a cursor of one is not taken by another. */
export type Listing = "live" | "deleted" | "history" | "changes";

/** A page to read: how many items, and the position after which it begins (null: at the start). */
export interface Page {
  readonly limit: number;
  readonly after: number | null;
}

/** Reads a page query. Throws `invalid` if the limit is not within 1 to {@link MAX_PAGE} or the cursor is not ours. */
export function readPage(listing: Listing, query: PageQuery): Page {
  const { limit, cursor } = query;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) {
    throw new KeyApiError("invalid", `The page limit must be a whole number from 1 to ${MAX_PAGE}.`);
  }
  if (cursor === undefined) return { limit, after: null };
  const [, name, position] = /^([a-z]+)\.(0|[1-9]\d{0,14})$/.exec(cursor) ?? [];
  if (name !== listing) {
    throw new KeyApiError("invalid", "The cursor is not from this listing. Begin again with the first page.");
  }
  return { limit, after: Number(position) };
}

/** The cursor of the page after `position`. Its form is nobody's business but ours. */
export function cursorAfter(listing: Listing, position: number): string {
  return `${listing}.${position}`;
}

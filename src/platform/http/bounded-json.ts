import { MalformedRequest } from "../../api/problem.ts";
import { JSON_DEPTH } from "../../api/routes.ts";

/**
 * Reads JSON that a stranger sent: at most {@link JSON_DEPTH} deep, and no field twice in one object, of which another
 * reader might take the other. Throws {@link MalformedRequest}, whose words repeat nothing of the text.
 */
export function parseBoundedJson(text: string): unknown {
  const members = countMembers(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const [, position] = /position (\d+)/.exec(String(error)) ?? [];
    const where = position === undefined ? "" : ` at character ${Number(position) + 1}`;
    throw new MalformedRequest(`The body is not JSON: it makes no sense${where}.`);
  }
  // JSON.parse keeps the last of two fields of one name, so fewer are there than were written.
  if (membersOf(value) !== members) throw new MalformedRequest("The body states a field twice in one object.");
  return value;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** How many fields the text writes, if it is JSON at all. Throws if it nests too deep. */
function countMembers(text: string): number {
  let members = 0;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case QUOTE:
        index = endOfString(text, index);
        break;
      case 0x3a: // :
        members += 1;
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth += 1;
        if (depth > JSON_DEPTH) throw new MalformedRequest(`The body nests deeper than ${JSON_DEPTH} levels.`);
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth -= 1;
        break;
    }
  }
  return members;
}

/** The position of the quote that ends the string which begins at `start`, or of the text's end. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let first = end;
    while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
    if ((end - first) % 2 === 0) return end;
  }
  return text.length;
}

function membersOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const inner: readonly unknown[] = Object.values(value);
  let members = Array.isArray(value) ? 0 : inner.length;
  for (const part of inner) members += membersOf(part);
  return members;
}

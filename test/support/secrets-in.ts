import { tokenKind } from "../../src/core/token.ts";

/** What has the shape of a token, wherever it stands. */
export const LOOKS_LIKE_SECRET = /(?=((?:sim|adm)[0-9A-Za-z]{24}1))/g;

/** Every secret in a text: what has the shape of a token, and its checksum. */
export function secretsIn(text: string): readonly string[] {
  return [...text.matchAll(LOOKS_LIKE_SECRET)].flatMap(([, word = ""]) =>
    tokenKind(word) === undefined ? [] : [word],
  );
}

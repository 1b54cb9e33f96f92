import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** How tools of this kind failed their users, and why a row needs no test here, where it needs none. */
const ROWS: Readonly<Record<number, string | { readonly failure: string; readonly reason: string }>> = {
  1: "a second apply makes everything anew",
  2: "the keys of another team are planned for deletion",
  3: "the keys of another owner are overwritten",
  4: "a rename conflicts, or issues another secret",
  5: "another order in a list issues other secrets",
  6: "a secret is printed when it changes",
  7: "hiding secrets garbles what is none",
  8: "a listing that failed or was cut short is taken for keys that are gone",
  9: "the second page is not read",
  10: "one key that is gone blocks all others",
  11: "a rotation elsewhere makes it another key",
  12: "what was imported differs for ever, or loses its secret",
  13: "a lost answer makes two keys",
  14: "one of two writers at a moment is lost",
  15: "a failure half-way is reported as nothing done, with no way on",
  16: "a run that was killed leaves what no later run can work with",
  17: "a plan is applied to what has changed since, or an empty one passes for success",
  18: "a saved plan holds secrets",
  19: "protection goes away with the block that declared it",
  20: "an empty file or a wrong folder deletes everything",
  21: "one flag opens several guards",
  22: "a preview writes",
  23: "what was left out is counted as done",
  24: "defaults, case or order look like a difference",
  25: "a huge plan does not fit into a comment",
  26: "a run waits for an answer that nobody can give",
  27: "the JSON of a plan hides or shows other things than its text",
  28: "a secret that is only written cannot be handed on",
  29: "a key that ends is replaced too late or not at all",
  30: "a server refuses a browser that its operator allowed",
};

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** A test's title that names rows: `(field row 4)` or `(field rows 6, 18)` at its end, in the source of a test file. */
const NAMED = /\(field rows? ([\d, ]+)\)["`]/g;

test("every failure of the field that applies is named by a test that owns it, and every other has its reason", () => {
  const named = new Map<number, string[]>();
  for (const file of readdirSync(HERE, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".test.ts")) continue;
    for (const [, rows = ""] of readFileSync(join(HERE, file), "utf8").matchAll(NAMED))
      for (const row of rows.split(",").map(Number)) named.set(row, [...(named.get(row) ?? []), file]);
  }
  expect([...named.keys()].filter((row) => !(row in ROWS))).toEqual([]);
  expect(Object.keys(ROWS)).toHaveLength(30);
  for (const [row, about] of Object.entries(ROWS)) {
    const files = named.get(Number(row)) ?? [];
    if (typeof about === "string") expect(files, `row ${row}: ${about}`).not.toEqual([]);
    else {
      console.log(`row ${row}, ${about.failure}: no test, for it ${about.reason}`);
      expect(files, `row ${row} has a test now: ${about.reason}`).toEqual([]);
    }
  }
});

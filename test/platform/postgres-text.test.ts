import { expect, test } from "vitest";
import { insertOf, insertParts, numbered } from "../../src/platform/store/postgres-text.ts";

test("parameters are numbered in their order, but not within quotes", () => {
  expect(numbered("SELECT a FROM b WHERE c = ? AND d = '?''?' AND \"e?\" = ?")).toBe(
    "SELECT a FROM b WHERE c = $1 AND d = '?''?' AND \"e?\" = $2",
  );
});

test("an INSERT of one row becomes one of several, with what stands around its values", () => {
  const parts = insertParts(
    "\n INSERT INTO a (b, c)\n VALUES (?, (SELECT max(d) FROM e WHERE f = ?))\n ON CONFLICT (b) DO NOTHING",
  );
  expect(parts && numbered(insertOf(parts, 2))).toBe(
    "\n INSERT INTO a (b, c)\n VALUES ($1, (SELECT max(d) FROM e WHERE f = $2)), ($3, (SELECT max(d) FROM e WHERE f = $4))\n ON CONFLICT (b) DO NOTHING",
  );
});

test.each([
  "UPDATE a SET b = ? WHERE c = ?",
  "INSERT INTO a SELECT b FROM c WHERE d = ?",
  "INSERT INTO a (b) VALUES (?) ON CONFLICT (b) DO UPDATE SET c = ?",
  "INSERT INTO a (b) VALUES (?",
])("%s cannot take several rows", (sql) => {
  expect(insertParts(sql)).toBeUndefined();
});

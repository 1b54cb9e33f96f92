import { describe, expect, test } from "vitest";
import { formatPath } from "../../src/core/attribute-path.ts";
import { formatDelivery, VARIABLE_PATTERN } from "../../src/core/delivery.ts";
import { DIAGNOSTIC_CODES } from "../../src/core/diagnostic.ts";
import { ACCOUNT_PATTERN, NAME_PATTERN, nameKey } from "../../src/core/key-name.ts";
import { unreachable } from "../../src/core/unreachable.ts";

describe("formatPath", () => {
  test.each([
    [[], ""],
    [["version"], "version"],
    [["keys", "web", "algorithms", 0], "keys.web.algorithms[0]"],
    [["keys", "nightly-batch", "data"], "keys.nightly-batch.data"],
    [["keys", "a.b", "data"], 'keys["a.b"].data'],
    [["keys", "9lives"], 'keys["9lives"]'],
    [["keys", ""], 'keys[""]'],
    [["keys", 'say "hi"\n'], 'keys["say \\"hi\\"\\n"]'],
    [["keys", "0"], 'keys["0"]'],
    [[0, 1], "[0][1]"],
    [["a b"], '["a b"]'],
  ])("%j is %s", (path, text) => {
    expect(formatPath(path)).toBe(text);
  });
});

describe("names", () => {
  test.each(["a", "0", "Storefront-Web", "a.b_c-d", "default-key", "constructor", "k".repeat(64)])(
    "%s names a key",
    (name) => {
      expect(name).toMatch(NAME_PATTERN);
    },
  );

  test.each(["", "-a", ".a", "_a", "__proto__", "a b", "a/b", "a\n", "é", "\u0430", "a\u200b", "k".repeat(65)])(
    "%j names none",
    (name) => {
      expect(name).not.toMatch(NAME_PATTERN);
    },
  );

  test.each(["acme", "A", "a_1", "a".repeat(30)])("%s names an account", (name) => {
    expect(name).toMatch(ACCOUNT_PATTERN);
  });

  test.each(["", "1a", "_a", ".my", "a-b", "a\n", "\u0430cme", "a".repeat(31)])("%j names no account", (name) => {
    expect(name).not.toMatch(ACCOUNT_PATTERN);
  });

  test("are compared ignoring case", () => {
    expect(nameKey("Storefront-WEB")).toBe(nameKey("storefront-web"));
    expect(nameKey("a.b")).not.toBe(nameKey("a_b"));
  });
});

describe("deliveries", () => {
  test("are named by kind, file and name", () => {
    expect(formatDelivery({ to: "dotenv", file: "web/.env", name: "API_KEY" })).toBe("dotenv web/.env#API_KEY");
  });

  test.each(["A", "_", "API_KEY_2", `A${"B".repeat(127)}`])("%s is a variable", (name) => {
    expect(name).toMatch(VARIABLE_PATTERN);
  });

  test.each(["", "a", "2A", "A-B", "A=B", "A\n", "A B", `A${"B".repeat(128)}`])("%j is no variable", (name) => {
    expect(name).not.toMatch(VARIABLE_PATTERN);
  });
});

describe("closed lists", () => {
  test("no diagnostic code stands there twice, and all are words joined by hyphens", () => {
    expect(new Set(DIAGNOSTIC_CODES).size).toBe(DIAGNOSTIC_CODES.length);
    for (const code of DIAGNOSTIC_CODES) expect(code).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
  });

  test("a branch that the types rule out throws plainly and says what reached it", () => {
    expect(() => unreachable("surprise" as never, "action")).toThrow('unreachable action: "surprise"');
  });
});

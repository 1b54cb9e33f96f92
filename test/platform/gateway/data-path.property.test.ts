import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalDataPath } from "../../../src/platform/gateway/data-path.ts";

const RUNS = { numRuns: process.env["ALGOKEYS_LONG"] === "1" ? 100_000 : 2_000 };

/** Pieces that path tricks are made of. */
const piece = fc.constantFrom(
  ...["/", ".", "%", ";", "\\", "?", "#", "\0", "\n"],
  "..",
  "%2e",
  "%2E",
  "%2f",
  "%5c",
  "%25",
  "%252e",
  "%c0%ae",
  "%00",
  "a",
  "é",
  " ",
  "~",
);
const path = fc.oneof(
  fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join("")}`),
  fc.string({ unit: "binary", maxLength: 20 }).map((text) => `/${text}`),
  fc.webPath(),
);

test("what is forwarded is a fixed point: judged again, it is itself", () => {
  fc.assert(
    fc.property(path, (text) => {
      const once = canonicalDataPath(text);
      if (once !== undefined) expect(canonicalDataPath(once)).toBe(once);
    }),
    RUNS,
  );
});

test("no reader of what is forwarded, however often it decodes, leaves the route or sees another path", () => {
  fc.assert(
    fc.property(path, (text) => {
      const forwarded = canonicalDataPath(text);
      if (forwarded === undefined) return;
      expect(forwarded).toMatch(/^(?:\/[A-Za-z0-9._~!$&'()*+,:=@%-]*)*$/);
      let seen = forwarded;
      for (let times = 0; times < 3; times++) {
        expect(new URL(`http://x/v1/data${seen}`.replaceAll("?", "%3F").replaceAll("#", "%23")).pathname).toMatch(
          /^\/v1\/data/,
        );
        expect(seen.split(/[/\\]/)).not.toContain("..");
        expect(seen.split(/[/\\]/)).not.toContain(".");
        expect(seen).not.toMatch(/[\\;\0\n]/);
        try {
          seen = decodeURIComponent(seen);
        } catch {
          break; // a percent sign in a name
        }
      }
    }),
    RUNS,
  );
});

test("any name of a file, encoded whole or part by part, arrives as that name", () => {
  const name = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
    .filter((text) => text.isWellFormed() && !/[\u0000-\u001f\u007f-\u009f\\;/]|%[0-9a-f]{2}/i.test(text) && !/^\.{1,2}$/.test(text)); // prettier-ignore
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
      const byPart = canonicalDataPath(`/${names.map(encodeURIComponent).join("/")}`);
      const whole = canonicalDataPath(`/${encodeURIComponent(names.join("/"))}`);
      expect(byPart).toBeDefined();
      expect(whole).toBe(byPart);
      expect(byPart?.slice(1).split("/").map(decodeURIComponent)).toEqual(names);
    }),
    RUNS,
  );
});

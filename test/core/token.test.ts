import { createHash, randomBytes } from "node:crypto";
import { crc32 as zlibCrc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crc32 } from "../../src/core/crc32.ts";
import { Secret } from "../../src/core/secret.ts";
import {
  holdsToken,
  makeToken,
  MASK_PATTERN,
  TOKEN_LENGTH,
  tokenDigest,
  tokenFingerprint,
  tokenKind,
  tokenMask,
  type RandomBytes,
} from "../../src/core/token.ts";
import vectors from "../vectors/token.json" with { type: "json" };

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A repeatable source: SHA-256 of a seed and a counter, byte after byte. */
function seededBytes(seed: string): RandomBytes {
  let counter = 0;
  return (count) =>
    createHash("sha256")
      .update(`${seed}:${String(counter++)}`)
      .digest()
      .subarray(0, count);
}

/** A source that gives the listed bytes one by one and then only `filler`. */
function listedBytes(bytes: readonly number[], filler: number): RandomBytes {
  const left = [...bytes];
  return (count) => Uint8Array.from({ length: count }, () => left.shift() ?? filler);
}

describe("token vectors", () => {
  test("both kinds and every way of spoiling are there", () => {
    expect(vectors.wellFormed).toHaveLength(17);
    expect(vectors.refused).toHaveLength(55);
  });

  test.each(vectors.wellFormed)("$token is well formed", ({ token, kind, checksum, digest, fingerprint, mask }) => {
    expect(tokenKind(token)).toBe(kind);
    expect(token.slice(25, 27)).toBe(checksum);
    expect(tokenDigest(new Secret(token), sha256)).toBe(digest);
    expect(tokenFingerprint(digest)).toBe(fingerprint);
    expect(tokenMask(new Secret(token))).toBe(mask);
    expect(mask).toMatch(MASK_PATTERN);
  });

  test.each(vectors.refused)("$why: refused", ({ text }) => {
    expect(tokenKind(text)).toBeUndefined();
  });
});

describe("makeToken", () => {
  test.each(["caller", "admin"] as const)("draws well-formed tokens of kind %s", (kind) => {
    const random = seededBytes(`well formed ${kind}`);
    const tokens = Array.from({ length: 1000 }, () => makeToken(kind, random).reveal());
    expect(new Set(tokens).size).toBe(1000);
    for (const token of tokens) {
      expect(token).toHaveLength(TOKEN_LENGTH);
      expect(token).toMatch(/^[0-9A-Za-z]+$/);
      expect(tokenKind(token)).toBe(kind);
      expect(MASK_PATTERN.test(tokenMask(new Secret(token)))).toBe(true);
    }
  });

  test("maps every byte below 248 to its digit modulo 62 and passes over the others", () => {
    const bytes = [248, 255, 0, 249, 61, 62, 250, 123, 247, 251, 252, 253, 254, 185, 186];
    const token = makeToken("caller", listedBytes(bytes, 10)).reveal();
    expect(token.slice(3, 25)).toBe(`0z0zzz0${"A".repeat(15)}`);
    for (let byte = 0; byte < 256; byte++) {
      const first = makeToken("caller", listedBytes([byte], 1)).reveal()[3];
      expect([byte, first]).toEqual([byte, byte < 248 ? ALPHABET[byte % 62] : "1"]);
    }
  });

  test("goes on drawing while the source gives less than was asked", () => {
    const token = makeToken("admin", () => Uint8Array.of(7, 255)).reveal();
    expect(token.slice(3, 25)).toBe("7".repeat(22));
    expect(tokenKind(token)).toBe("admin");
  });

  test("favours no digit at any place (chi-square)", () => {
    const random = seededBytes("no bias");
    const tokens = Array.from({ length: 30_000 }, () => makeToken("caller", random).reveal().slice(3, 25));
    // 61 degrees of freedom: one run in a million lies above 123, and the seed is fixed. With modulo bias it is above 2,000.
    expect(chiSquare(tokens.join(""))).toBeLessThan(123);
    for (let place = 0; place < 22; place++) {
      expect(chiSquare(tokens.map((token) => token.charAt(place)).join(""))).toBeLessThan(123);
    }
  });

  test("this very chi-square finds modulo bias", () => {
    const random = seededBytes("bias");
    const biased = Array.from({ length: 30_000 }, () => [...random(22)].map((byte) => ALPHABET[byte % 62]).join(""));
    expect(chiSquare(biased.join(""))).toBeGreaterThan(2_000);
  });
});

describe("the checksum", () => {
  test("is the CRC-32 of zip and gzip", () => {
    expect(crc32("123456789")).toBe(0xcbf43926);
    expect(crc32("")).toBe(0);
    const ascii = fc.string({ unit: "binary-ascii", maxLength: 200 });
    fc.assert(fc.property(ascii, (text) => crc32(text) === zlibCrc32(text)));
  });

  test("catches every changed character and every swapped pair but for one in some thousands", () => {
    const random = seededBytes("one character");
    let changes = 0;
    let missed = 0;
    for (let round = 0; round < 50; round++) {
      const token = makeToken("caller", random).reveal();
      for (let place = 3; place < 25; place++) {
        for (const digit of ALPHABET) {
          if (digit === token[place]) continue;
          changes++;
          if (tokenKind(token.slice(0, place) + digit + token.slice(place + 1)) !== undefined) missed++;
        }
        const [left = "", right = ""] = token.slice(place, place + 2);
        if (place === 24 || left === right) continue;
        changes++;
        if (tokenKind(token.slice(0, place) + right + left + token.slice(place + 2)) !== undefined) missed++;
      }
    }
    expect(changes).toBeGreaterThan(60_000);
    expect(missed).toBeLessThan(changes / 2_000);
  });

  test("lets no arbitrary text pass for a token, and never throws", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^(?:sim|adm)[0-9A-Za-z*]{20,30}$/)),
        (text) => {
          const kind = tokenKind(text);
          if (kind !== undefined) expect(text).toMatch(/^(?:sim|adm)[0-9A-Za-z]{24}1$/);
        },
      ),
    );
  });
});

describe("masks", () => {
  test.each([
    "simFAKE",
    `simFAKE${"*".repeat(20)}`,
    `simFAKE${"*".repeat(22)}`,
    `simFAKEf${"*".repeat(20)}`,
    `tokFAKE${"*".repeat(21)}`,
    `simFAK*${"*".repeat(21)}\n`,
    vectors.wellFormed[0]?.token,
  ])("%j is no mask", (text) => {
    expect(MASK_PATTERN.test(String(text))).toBe(false);
  });
});

/** How far the digits' counts are from even, in units that do not depend on how many were drawn. */
function chiSquare(digits: string): number {
  const counts = new Map<string, number>();
  for (const digit of digits) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  const even = digits.length / ALPHABET.length;
  return Array.from(ALPHABET).reduce((sum, digit) => sum + ((counts.get(digit) ?? 0) - even) ** 2 / even, 0);
}

test.each([
  ["a token", true, (token: string) => token],
  ["a token within other text", true, (token: string) => `key=${token}&a`],
  ["a token with letters right beside it", true, (token: string) => `xx${token}9`],
  ["a token whose checksum fails", true, (token: string) => `${token.slice(0, 25)}001`],
  ["a token's mask", false, (token: string) => token.slice(0, 7).padEnd(28, "*")],
  ["half a token", false, (token: string) => token.slice(0, 20)],
])("%s: holds one: %s", (_, expected, made) => {
  const token = makeToken("caller", randomBytes).reveal();
  expect(holdsToken(made(token))).toBe(expected);
});

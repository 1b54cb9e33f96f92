import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { identityHeaders, verifiedIdentity, type HeaderValues } from "../../../src/platform/gateway/identity.ts";

const IDENTITY = { account: "acme", keyId: "k1", keyName: "web", requestId: "r1" };
const REQUEST = { method: "POST", path: "/v1/algo/demo/hello?a=b" };
const SECRET = new Secret("shared");
const NOW = Date.parse("2026-03-01T12:00:00.900Z");

function headersOf(flat: readonly string[]): Record<string, string> {
  const entries = flat.flatMap((name, index) => (index % 2 === 0 ? [[name.toLowerCase(), flat[index + 1] ?? ""]] : []));
  return Object.fromEntries(entries) as Record<string, string>;
}

const SIGNED = headersOf(identityHeaders(IDENTITY, REQUEST, SECRET, NOW));

test("an identity is signed as documented, so that an upstream in any language can check it", () => {
  const seconds = Math.floor(NOW / 1000);
  const text = `${seconds}\nPOST\n/v1/algo/demo/hello?a=b\nacme\nk1\nweb\nr1`;
  const hex = createHmac("sha256", "shared").update(text).digest("hex");
  expect(SIGNED).toEqual({
    "x-algokeys-account": "acme",
    "x-algokeys-key-id": "k1",
    "x-algokeys-key-name": "web",
    "x-algokeys-request-id": "r1",
    "x-algokeys-signature": `t=${seconds},v1=${hex}`,
  });
});

test("without a secret it is told and not signed, which no one takes for signed", () => {
  const plain = headersOf(identityHeaders(IDENTITY, REQUEST, undefined, NOW));
  expect(Object.keys(plain)).toHaveLength(4);
  expect(verifiedIdentity(plain, REQUEST, SECRET, NOW)).toBeUndefined();
});

describe("an upstream", () => {
  test("believes what was signed for this very request, for five minutes", () => {
    expect(verifiedIdentity(SIGNED, REQUEST, SECRET, NOW)).toEqual(IDENTITY);
    expect(verifiedIdentity(SIGNED, REQUEST, SECRET, NOW + 299_000)).toEqual(IDENTITY);
    expect(verifiedIdentity(SIGNED, REQUEST, SECRET, NOW + 301_000)).toBeUndefined();
    expect(verifiedIdentity(SIGNED, REQUEST, SECRET, NOW - 302_000)).toBeUndefined();
    expect(verifiedIdentity(SIGNED, { ...REQUEST, method: "GET" }, SECRET, NOW)).toBeUndefined();
    expect(verifiedIdentity(SIGNED, { ...REQUEST, path: "/v1/algo/demo/hello" }, SECRET, NOW)).toBeUndefined();
    expect(verifiedIdentity(SIGNED, REQUEST, new Secret("other"), NOW)).toBeUndefined();
  });

  test("believes nothing of which a byte was changed, left out or sent twice", () => {
    for (const name of Object.keys(SIGNED)) {
      const without: HeaderValues = { ...SIGNED, [name]: undefined };
      const twice: HeaderValues = { ...SIGNED, [name]: [SIGNED[name] ?? "", SIGNED[name] ?? ""] };
      const joined: HeaderValues = { ...SIGNED, [name]: `${SIGNED[name] ?? ""}, ${SIGNED[name] ?? ""}` };
      const changed: HeaderValues = { ...SIGNED, [name]: `${SIGNED[name] ?? ""}0` };
      for (const headers of [without, twice, joined, changed]) {
        expect(verifiedIdentity(headers, REQUEST, SECRET, NOW)).toBeUndefined();
      }
    }
  });

  test("believes no other identity than that which was signed", () => {
    const part = fc.stringMatching(/^[A-Za-z0-9._-]{1,12}$/);
    const identity = fc.record({ account: part, keyId: part, keyName: part, requestId: part });
    fc.assert(
      fc.property(identity, identity, (signed, claimed) => {
        const headers = headersOf(identityHeaders(signed, REQUEST, SECRET, NOW));
        const { "x-algokeys-signature": signature = "" } = headers;
        const forged = {
          ...headersOf(identityHeaders(claimed, REQUEST, undefined, NOW)),
          "x-algokeys-signature": signature,
        };
        const same = JSON.stringify(signed) === JSON.stringify(claimed);
        expect(verifiedIdentity(forged, REQUEST, SECRET, NOW)).toEqual(same ? signed : undefined);
      }),
    );
  });
});

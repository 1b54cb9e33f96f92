import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { authorize, type AllowReason, type Decision, type DenyReason } from "../../src/core/authorize.ts";
import { arbitraryAccessKey, arbitraryCredential, arbitraryRequest } from "./access-arbitraries.ts";
import { naiveAuthorize } from "./naive-authorize.ts";

const CASES = process.env["ALGOKEYS_LONG"] === "1" ? 2_000_000 : 100_000;

const STATUS_OF: Record<DenyReason, number> = {
  invalid_key: 401,
  duplicate_header: 400,
  method_override: 400,
  unreadable_request: 400,
  key_deleted: 401,
  key_disabled: 401,
  key_expired: 401,
  credential_revoked: 401,
  credential_retired: 401,
  native_not_allowed: 403,
  web_not_allowed: 403,
  missing_origin: 403,
  origin_referer_conflict: 403,
  no_match: 403,
  empty_origin: 403,
  null_origin: 403,
  empty_referer: 403,
  non_ascii: 403,
  unparsable: 403,
  bad_scheme: 403,
  userinfo: 403,
  not_canonical: 403,
  trailing_dot: 403,
  bad_label: 403,
  bad_path_char: 403,
  bad_segment: 403,
  bad_segments: 403,
  not_in_list: 403,
  data_not_allowed: 403,
  management_not_allowed: 403,
  method_not_allowed: 405,
  preflight: 204,
};
const ALLOW_REASONS: Record<AllowReason, true> = { any: true, owner: true, algo: true, data: true, management: true };

describe("authorize and the naive second implementation", () => {
  test(`agree on effect, reason and status in ${String(CASES)} random cases that reach every reason`, () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(arbitraryAccessKey, arbitraryRequest, arbitraryCredential, (key, request, credential) => {
        const verdict = inOneLine(authorize(key, request, credential));
        seen.set(verdict, (seen.get(verdict) ?? 0) + 1);
        if (verdict !== naiveAuthorize(key, request, credential)) {
          expect(verdict).toBe(naiveAuthorize(key, request, credential));
        }
      }),
      { numRuns: CASES },
    );
    // A key that nobody knows is refused before the rule is asked, and what is unreadable lies outside the types:
    // authorize-hostile.property.test.ts reaches that.
    const elsewhere = ["invalid_key", "unreadable_request"];
    const denials = Object.entries(STATUS_OF).filter(([reason]) => !elsewhere.includes(reason));
    const expected = [
      ...denials.map(([reason, status]) => `deny ${reason} ${String(status)}`),
      ...Object.keys(ALLOW_REASONS).map((reason) => `allow ${reason}`),
    ];
    expect([...seen.keys()].sort()).toEqual(expected.sort());
  });
});

function inOneLine(decision: Decision): string {
  if (decision.effect === "allow") return `allow ${decision.reason}`;
  return `deny ${decision.reason} ${String(decision.status)}`;
}

import { createHash, randomBytes } from "node:crypto";
import type { ChangeSet, KeyChange, NewCredential } from "../../src/api/change-set.ts";
import { DEFAULT_SPEC, type KeySpec } from "../../src/core/key-spec.ts";
import type { Secret } from "../../src/core/secret.ts";
import { makeToken, tokenDigest, tokenMask } from "../../src/core/token.ts";

/** An id as a client draws it. */
export function drawId(): string {
  return randomBytes(12).toString("hex");
}

/** A token with the credential that its maker registers for it. */
export function drawCredential(): { readonly token: Secret; readonly credential: NewCredential } {
  const token = makeToken("caller", randomBytes);
  const digest = tokenDigest(token, (text) => createHash("sha256").update(text).digest("hex"));
  return { token, credential: { id: drawId(), digest, mask: tokenMask(token) } };
}

/** A spec that differs from the default in what is given. */
export function sampleSpec(fields: Partial<KeySpec> = {}): KeySpec {
  return { ...DEFAULT_SPEC, algorithms: ["algo://acme/*"], ...fields };
}

/** A change set of the project `shop`, or of whoever is given. */
export function sampleChangeSet(changes: readonly KeyChange[], fields: Partial<ChangeSet> = {}): ChangeSet {
  return { id: drawId(), project: "shop", message: "", changes, ...fields };
}

/** A change that makes a key, without owner and credential unless given. */
export function creation(
  name: string,
  fields: Partial<Extract<KeyChange, { action: "create" }>> = {},
): Extract<KeyChange, { action: "create" }> {
  return { action: "create", name, spec: sampleSpec(), managedBy: null, credential: null, ...fields };
}

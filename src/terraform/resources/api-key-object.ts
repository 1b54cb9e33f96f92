import type { ApiKey, Credential } from "../../core/api-key.ts";
import { readObject } from "../framework/plan-attributes.ts";
import type { CtyRecord } from "../protocol/cty-value.ts";
import type { ResourceObject } from "../protocol/provider-port.ts";
import { API_KEY_ATTRIBUTES } from "./api-key-attributes.ts";
import { keptJson } from "./kept-json.ts";
import { attributesOf } from "./spec-attributes.ts";
import type { CreationMark } from "./this-run.ts";

/** What the provider keeps beside a key's state: whether it must confirm, and whose the key is. */
export interface KeptBeside extends CreationMark {
  /** The credential that the state tells of, if this provider issued it. */
  readonly credential: string | null;
  /** The project that managed the key when it was last read or written; null: none did. Absent: not known. */
  readonly manager?: string | null;
}

/** The bytes that Terraform keeps. */
export function keep(kept: KeptBeside): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(kept));
}

/** What was kept; nothing if there is nothing that can be read, which costs no more than a confirmation. */
export function keptBeside(bytes: Uint8Array): KeptBeside {
  const { credential, manager, creates } = keptJson(bytes);
  return {
    credential: typeof credential === "string" ? credential : null,
    ...(typeof manager === "string" || manager === null ? { manager } : {}),
    ...(typeof creates === "string" || creates === null ? { creates } : {}),
  };
}

/** The newest credential that works: the one that a state tells of. */
export function newestCredential({ credentials }: Pick<ApiKey, "credentials">): Credential | undefined {
  return credentials.findLast(({ revokedAt }) => revokedAt === null);
}

/** What the platform says of a key, as attributes. */
export function resultsOf(key: ApiKey): CtyRecord {
  const credential = newestCredential(key);
  return {
    id: key.id,
    mask: credential?.mask ?? null,
    fingerprint: credential?.fingerprint ?? null,
    created_at: key.createdAt,
    secret_created_at: credential?.createdAt ?? null,
  };
}

/** A live key as the object of a resource. `prior`: its state before, whose spelling stays where it means the same. */
export function objectOf(key: ApiKey, prior: CtyRecord | null, credential: string | null): ResourceObject {
  const results = resultsOf(key);
  const holdsSecret = prior !== null && prior["fingerprint"] === results["fingerprint"];
  const live = {
    name: key.name,
    account: key.account,
    ...attributesOf(key.spec),
    secret_wo: null,
    secret_wo_version: prior?.["secret_wo_version"] ?? null,
    rotation_trigger: prior?.["rotation_trigger"] ?? null,
    keep_secret_in_state: prior?.["keep_secret_in_state"] ?? null,
    adopt: prior?.["adopt"] ?? null,
    ...results,
    secret: holdsSecret ? (prior["secret"] ?? null) : null,
  };
  const state = readObject(API_KEY_ATTRIBUTES, prior, live);
  return { state, private: keep({ credential, manager: key.managedBy?.project ?? null }), identity: identityOf(key) };
}

/** What identifies a key. */
export function identityOf({ account, id }: Pick<ApiKey, "account" | "id">): CtyRecord {
  return { account, id };
}

import type { ApiKey, Credential } from "../core/api-key.ts";
import { originsOf, specOf } from "../core/declared-spec.ts";
import type { KeySpec } from "../core/key-spec.ts";
import type { ChangeResult, CommitResult, RecordedKey } from "./change-set.ts";
import type { Account, Caller, ChangePage, ChangeSetPage, KeyPage, PlatformInfo } from "./key-api.ts";
import type { Lease, LeaseAnswer } from "./lease.ts";
import type { Problem } from "./problem.ts";
import { schemaFault, type Validator } from "./schema-fault.ts";
import {
  validateAccount,
  validateApiKey,
  validateCaller,
  validateChangePage,
  validateChangeSetPage,
  validateCommitResult,
  validateKeyPage,
  validateLease,
  validateLeaseAnswer,
  validatePlatformInfo,
  validateProblem,
  validateReleasedLease,
} from "./validate-answers.generated.ts";
import type { WireChangePage, WireKey, WireKeyPage, WireRecordedKey } from "./wire.ts";

// What a server answers, as JSON that was parsed, becomes what the port gives. Every field is picked: a later version may
// answer with more, which is nobody's business here. Readers throw a MalformedAnswer.

/** Reads one kind of answer. */
export type ReadAnswer<T> = (value: unknown) => T;

/** An answer that does not have the form that `schemas/key-api.openapi.json` describes. */
export class MalformedAnswer extends Error {
  override readonly name = "MalformedAnswer";
}

/** Reads which platform answers. */
export const readPlatformInfo: ReadAnswer<PlatformInfo> = (value) => {
  const { instance, kind } = shaped(validatePlatformInfo, value) as PlatformInfo;
  return { instance, kind };
};

/** Reads who is calling. */
export const readCaller: ReadAnswer<Caller> = (value) => {
  const { actor, role, account, keyId } = shaped(validateCaller, value) as Caller;
  return { actor, role, account, keyId };
};

/** Reads an account. */
export const readAccount: ReadAnswer<Account> = (value) => {
  const { name, revision, createdAt } = shaped(validateAccount, value) as Account;
  return { name, revision, createdAt };
};

/** Reads a key. */
export const readApiKey: ReadAnswer<ApiKey> = (value) => apiKeyOf(shaped(validateApiKey, value) as WireKey);

/** Reads a page of keys. */
export const readKeyPage: ReadAnswer<KeyPage> = (value) => {
  const { keys, nextCursor, revision, total } = shaped(validateKeyPage, value) as WireKeyPage;
  return { keys: keys.map(apiKeyOf), nextCursor, revision, total };
};

/** Reads what a change set did. */
export const readCommitResult: ReadAnswer<CommitResult> = (value) => {
  const { changeSet, revision, committedAt, replayed, results } = shaped(validateCommitResult, value) as CommitResult;
  return { changeSet, revision, committedAt, replayed, results: results.map(resultOf) };
};

/** Reads a page of history. */
export const readChangeSetPage: ReadAnswer<ChangeSetPage> = (value) => {
  const { changeSets, nextCursor } = shaped(validateChangeSetPage, value) as ChangeSetPage;
  const told = changeSets.map(({ id, revision, committedAt, actor, from, address, project, message, results }) => {
    return { id, revision, committedAt, actor, from, address, project, message, results: results.map(resultOf) };
  });
  return { changeSets: told, nextCursor };
};

/** Reads a page of a change set's changes. */
export const readChangePage: ReadAnswer<ChangePage> = (value) => {
  const { changes, nextCursor } = shaped(validateChangePage, value) as WireChangePage;
  const told = changes.map(({ action, id, credential, before, after }) => {
    return { action, id, credential, before: before && recordedKeyOf(before), after: recordedKeyOf(after) };
  });
  return { changes: told, nextCursor };
};

/** Reads whether a lease was granted, and whose it is. */
export const readLeaseAnswer: ReadAnswer<LeaseAnswer> = (value) => {
  const { granted, lease } = shaped(validateLeaseAnswer, value) as LeaseAnswer;
  return { granted, lease: leaseOf(lease) };
};

/** Reads a lease. */
export const readLease: ReadAnswer<Lease> = (value) => leaseOf(shaped(validateLease, value) as Lease);

/** Reads whether a lease was still the runner's when it was given back. */
export const readReleased: ReadAnswer<boolean> = (value) =>
  (shaped(validateReleasedLease, value) as { readonly released: boolean }).released;

/** Reads why a request was refused. */
export const readProblem: ReadAnswer<Problem> = (value) => shaped(validateProblem, value) as Problem;

function apiKeyOf(key: WireKey): ApiKey {
  const { id, account, name, spec, revision, managedBy, renamedFrom, createdAt, lastChange, deletedAt } = key;
  const { at, actor, project, changeSet } = lastChange;
  return {
    id,
    account,
    name,
    spec: toldSpec(spec, id),
    revision,
    managedBy: managedBy && { project: managedBy.project },
    renamedFrom,
    createdAt,
    lastChange: { at, actor, project, changeSet },
    deletedAt,
    credentials: key.credentials.map(credentialOf),
  };
}

function recordedKeyOf({ name, spec, managedBy, deletedAt }: WireRecordedKey): RecordedKey {
  return { name, spec: toldSpec(spec, name), managedBy: managedBy && { project: managedBy.project }, deletedAt };
}

function leaseOf({ project, fence, holder, takenAt, leaseUntil, remaining }: Lease): Lease {
  const { actor, host, process, command } = holder;
  return { project, fence, holder: { actor, host, process, command }, takenAt, leaseUntil, remaining };
}

/** `specOf` alone would put the default, which is wider, in the place of origins that mean nothing. */
function toldSpec(spec: WireKey["spec"], of: string): KeySpec {
  if (originsOf(spec.origins) === undefined)
    throw new MalformedAnswer(`the origins of ${JSON.stringify(of)} mean nothing`);
  return specOf(spec);
}

function credentialOf(credential: Credential): Credential {
  const { id, mask, fingerprint, createdAt, acknowledgedAt, retiresAt, revokedAt } = credential;
  return { id, mask, fingerprint, createdAt, acknowledgedAt, retiresAt, revokedAt };
}

function resultOf({ action, id, name, revision }: ChangeResult): ChangeResult {
  return { action, id, name, revision };
}

/** The value, once its compiled schema has found the shape that the caller's type says. */
function shaped(validate: Validator, value: unknown): unknown {
  const fault = schemaFault(validate, value, "the answer");
  if (fault === undefined) return value;
  throw new MalformedAnswer(fault);
}

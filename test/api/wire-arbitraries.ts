import fc from "fast-check";
import type {
  ChangeResult,
  ChangeSet,
  ChangeSetRecord,
  CommitResult,
  KeyChange,
  NewCredential,
  RecordedChange,
  RecordedKey,
} from "../../src/api/change-set.ts";
import { KeyApiError } from "../../src/api/errors.ts";
import type { Account, Caller, NewAccount } from "../../src/api/key-api.ts";
import type { ApiKey, Credential } from "../../src/core/api-key.ts";
import { arbitraryKeyName, arbitraryKeySpec } from "../support/arbitraries.ts";

const instant = fc.constantFrom("2026-03-01T12:00:00.000Z", "2026-12-31T23:59:59.999Z");
const id = fc.stringMatching(/^[A-Za-z0-9_-]{16,24}$/);
const revision = fc.nat({ max: 1_000_000 });
const account = fc.constantFrom("acme", "Widgets_1", "constructor");
const text = fc.constantFrom("", "Release 42", "é 両方 \u202e", '"}{');
const mask = fc.stringMatching(/^sim[0-9A-Za-z]{4}$/).map((head) => head.padEnd(28, "*"));
const fingerprint = fc.stringMatching(/^[0-9a-f]{16}$/);
const owner = fc.option(arbitraryKeyName.map((project) => ({ project })));

const credential: fc.Arbitrary<Credential> = fc.record({
  id,
  mask,
  fingerprint,
  createdAt: instant,
  acknowledgedAt: fc.option(instant),
  retiresAt: fc.option(instant),
  revokedAt: fc.option(instant),
});

const newCredential: fc.Arbitrary<NewCredential> = fc.record({
  id,
  digest: fc.tuple(fingerprint, fingerprint, fingerprint, fingerprint).map((parts) => parts.join("")),
  mask,
});

/** A key as a platform tells of it. */
export const arbitraryApiKey: fc.Arbitrary<ApiKey> = fc.record({
  id,
  account,
  name: arbitraryKeyName,
  spec: arbitraryKeySpec,
  revision,
  managedBy: owner,
  renamedFrom: fc.option(arbitraryKeyName),
  createdAt: instant,
  lastChange: fc.record({ at: instant, actor: text, project: fc.option(arbitraryKeyName), changeSet: id }),
  deletedAt: fc.option(instant),
  credentials: fc.array(credential, { maxLength: 3 }),
});

const onKey = { id, revision };

const change: fc.Arbitrary<KeyChange> = fc.oneof(
  fc.record(
    {
      action: fc.constant("create" as const),
      name: arbitraryKeyName,
      spec: arbitraryKeySpec,
      managedBy: owner,
      credential: fc.option(newCredential),
      renamedFrom: arbitraryKeyName,
    },
    { requiredKeys: ["action", "name", "spec", "managedBy", "credential"] },
  ),
  fc.record(
    {
      action: fc.constant("update" as const),
      ...onKey,
      name: arbitraryKeyName,
      spec: arbitraryKeySpec,
      managedBy: owner,
      takenFrom: arbitraryKeyName,
    },
    { requiredKeys: ["action", "id", "revision"] },
  ),
  fc.record({ action: fc.constantFrom("delete" as const, "restore" as const), ...onKey }),
  fc.record({ action: fc.constant("add-credential" as const), ...onKey, credential: newCredential }),
  fc.record({ action: fc.constantFrom("acknowledge" as const, "revoke-credential" as const), id, credential: id }),
);

/** A change set as a client makes it. */
export const arbitraryChangeSet: fc.Arbitrary<ChangeSet> = fc.record({
  id,
  project: fc.option(arbitraryKeyName),
  message: text,
  changes: fc.array(change, { maxLength: 5 }),
});

const result: fc.Arbitrary<ChangeResult> = fc.record({
  action: change.map(({ action }) => action),
  id,
  name: arbitraryKeyName,
  revision,
});

/** What a change set did. */
export const arbitraryCommitResult: fc.Arbitrary<CommitResult> = fc.record({
  changeSet: id,
  revision,
  committedAt: instant,
  replayed: fc.boolean(),
  results: fc.array(result, { maxLength: 3 }),
});

/** A committed change set. */
export const arbitraryRecord: fc.Arbitrary<ChangeSetRecord> = fc.record({
  id,
  revision: fc.integer({ min: 1, max: 1_000_000 }),
  committedAt: instant,
  actor: text,
  from: fc.option(text),
  address: fc.option(fc.ipV6()),
  project: fc.option(arbitraryKeyName),
  message: text,
  results: fc.array(result, { maxLength: 3 }),
});

const recordedKey: fc.Arbitrary<RecordedKey> = fc.record({
  name: arbitraryKeyName,
  spec: arbitraryKeySpec,
  managedBy: owner,
  deletedAt: fc.option(instant),
});

/** One change of a committed change set. */
export const arbitraryRecordedChange: fc.Arbitrary<RecordedChange> = fc.record({
  action: change.map(({ action }) => action),
  id,
  credential: fc.option(id),
  before: fc.option(recordedKey),
  after: recordedKey,
});

/** Where the next page begins. */
export const arbitraryCursor: fc.Arbitrary<string | null> = fc.constantFrom(null, "live.7", "history.0");

/** An account. */
export const arbitraryAccount: fc.Arbitrary<Account> = fc.record({ name: account, revision, createdAt: instant });

/** An account to be made. */
export const arbitraryNewAccount: fc.Arbitrary<NewAccount> = fc.record({
  name: account,
  defaultKey: fc.oneof(fc.constantFrom("none" as const, "without-credential" as const), newCredential),
});

/** Who calls. */
export const arbitraryCaller: fc.Arbitrary<Caller> = fc.record({
  actor: text,
  role: fc.constantFrom("reader" as const, "writer" as const, "admin" as const),
  account: fc.option(account),
  keyId: fc.option(id),
});

const changeProblem = fc.record({
  change: fc.nat({ max: 10_000 }),
  code: fc.constantFrom("stale" as const, "name-taken" as const, "invalid" as const, "gone" as const),
  message: text,
});

/** An error of the port. Where the platform says how long to wait, it does so in whole seconds. */
export const arbitraryError: fc.Arbitrary<KeyApiError> = fc
  .record({
    code: fc.constantFrom(
      ...(["unauthenticated", "forbidden", "not-found", "conflict", "stale", "invalid"] as const),
      ...(["rate-limited", "unavailable"] as const),
    ),
    message: text,
    retryable: fc.boolean(),
    seconds: fc.integer({ min: 1, max: 100 }),
    problems: fc.array(changeProblem, { maxLength: 3 }),
  })
  .map(({ code, message, retryable, seconds, problems }) => {
    const waits = code === "rate-limited" || code === "unavailable" ? { retryAfter: seconds * 1000 } : {};
    return new KeyApiError(code, message, { retryable, problems, ...waits });
  });

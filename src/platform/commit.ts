import { createHash } from "node:crypto";
import type { ChangeResult, ChangeSet, CommitResult } from "../api/change-set.ts";
import { KeyApiError, type ChangeProblem, type ChangeProblemCode, type KeyApiErrorCode } from "../api/errors.ts";
import type { CallOptions, Caller } from "../api/key-api.ts";
import { lockAccount, momentAfter, type AccountRow } from "./accounts.ts";
import { writeAudit } from "./audit.ts";
import { checkChangeSet, type CheckedChangeSet } from "./check-change-set.ts";
import { judge, type KeyTransition } from "./judge.ts";
import { writeKeys } from "./key-writes.ts";
import { requireFence } from "./leases.ts";
import type { Pepper } from "./pepper.ts";
import { loadStateBefore } from "./state-before.ts";
import { integer, text } from "./store/columns.ts";
import type { SqlDriver, SqlWriter } from "./store/sql-driver.ts";

/** What the service is made of; everything from outside is an argument. */
export interface ServiceParts {
  readonly driver: SqlDriver;
  readonly pepper: Pepper;
  /** The time in milliseconds since 1970. */
  readonly clock: () => number;
  /** Draws an id that nobody can guess or has drawn before. */
  readonly randomId: () => string;
  readonly caller: Caller;
  /** The network address that the caller's connection comes from; absent in the platform's own process. */
  readonly address?: string | undefined;
}

/** Commits a change set whole or not at all, in one transaction with its audit record. See {@link ChangeSet}. */
export async function commitChangeSet(
  parts: ServiceParts,
  account: string,
  changeSet: ChangeSet,
  call?: CallOptions,
): Promise<CommitResult> {
  const checked = checkChangeSet(changeSet);
  const content = contentDigest(checked);
  return await parts.driver.write(async (sql) => {
    call?.signal?.throwIfAborted(); // the wait for the lock can be long
    const row = await lockAccount(sql, account);
    const first = await firstResult(sql, row, checked, content);
    if (first !== undefined) {
      // Whoever repeats it may never have had the first answer, and with that the promise that is kept before it.
      await outdateFor(sql, checked);
      return first;
    }
    if (checked.fence !== undefined) await requireFence(sql, row, checked.project ?? "", checked.fence);
    if (checked.changes.length === 0) {
      const { revision, changedAt } = row;
      return { changeSet: checked.id, revision, committedAt: changedAt, replayed: false, results: [] };
    }
    return await commitWithin(sql, parts, row, checked, content);
  });
}

/** Commits a change set whose form was checked within a transaction that is open already. */
export async function commitWithin(
  sql: SqlWriter,
  parts: ServiceParts,
  account: AccountRow,
  checked: CheckedChangeSet,
  content: string = contentDigest(checked),
): Promise<CommitResult> {
  const now = momentAfter(account, parts.clock());
  const before = await loadStateBefore(sql, account, checked.changes, parts.pepper);
  const context = { project: checked.project, now, randomId: parts.randomId };
  const judgement = judge(checked.changes, before, context);
  const problems = [...checked.problems, ...judgement.problems];
  if (problems.length > 0) throw refusal(problems);

  const revision = account.revision + 1;
  const at = new Date(now).toISOString();
  const { project, id, message, from = null } = checked;
  const stamp = { account, revision, at, actor: parts.caller.actor, project, changeSet: id };
  const names = new Map(judgement.keys.map(({ after }) => [after.id, after.name]));
  const results = judgement.steps.map(({ change, after }): ChangeResult => {
    return { action: change.action, id: after.id, name: names.get(after.id) ?? after.name, revision };
  });
  const liveKeys = account.liveKeys + judgement.keys.reduce((sum, key) => sum + liveDifference(key), 0);
  const update = "UPDATE accounts SET revision = ?, live_keys = ?, changed_at = ? WHERE seq = ?";
  await sql.run(update, revision, liveKeys, at, account.seq);
  await writeAudit(sql, stamp, {
    content,
    message,
    from,
    address: parts.address ?? null,
    results,
    steps: judgement.steps,
  });
  await writeKeys(sql, judgement.keys, stamp, parts.pepper);
  await outdateFor(sql, checked);
  return { changeSet: id, revision, committedAt: at, replayed: false, results };
}

/** What was read of keys before may be wrong after any change but the making of others. */
async function outdateFor(sql: SqlWriter, { changes }: CheckedChangeSet): Promise<void> {
  if (changes.some((change) => change?.action !== "create")) await sql.outdate();
}

/** The result of the same change set, if it was committed before. Throws `invalid` if its id stands for another. */
async function firstResult(
  sql: SqlWriter,
  account: AccountRow,
  checked: CheckedChangeSet,
  content: string,
): Promise<CommitResult | undefined> {
  const select = "SELECT revision, content, committed_at, results FROM change_sets WHERE account = ? AND id = ?";
  const row = await sql.get(select, account.seq, checked.id);
  if (row === undefined) return undefined;
  const [revision, firstContent, committedAt, results] = row;
  if (text(firstContent) !== content) {
    throw new KeyApiError("invalid", `Another change set was committed under the id ${checked.id}. Draw another id.`);
  }
  return {
    changeSet: checked.id,
    revision: integer(revision),
    committedAt: text(committedAt),
    replayed: true,
    results: JSON.parse(text(results)) as ChangeResult[], // written by `writeAudit` alone
  };
}

/** Equal exactly for change sets that ask for the same: what was checked has one form and one order of fields. */
function contentDigest({ project, message, changes, problems, asked }: CheckedChangeSet): string {
  const content = JSON.stringify(
    asked === undefined ? { project, message, changes, problems } : { project, message, asked },
  );
  return createHash("sha256").update(content).digest("hex");
}

function liveDifference({ before, after }: KeyTransition): number {
  const wasLive = before !== null && before.deletedAt === null;
  return Number(after.deletedAt === null) - Number(wasLive);
}

/** One error that lists every bad change; its code is that of the weightiest. */
function refusal(problems: readonly ChangeProblem[]): KeyApiError {
  const inOrder = problems.toSorted((left, right) => left.change - right.change);
  const codes = inOrder.map(({ code }) => ERROR_CODES[code]);
  const code = (["stale", "conflict"] as const).find((candidate) => codes.includes(candidate)) ?? "invalid";
  const more = inOrder.length === 1 ? "" : ` (and ${inOrder.length - 1} more)`;
  return new KeyApiError(code, `${inOrder[0]?.message ?? ""}${more} Nothing was changed.`, { problems: inOrder });
}

const ERROR_CODES: Readonly<Record<ChangeProblemCode, KeyApiErrorCode>> = {
  stale: "stale",
  gone: "stale",
  "name-taken": "conflict",
  protected: "conflict",
  "managed-elsewhere": "conflict",
  "unknown-credential": "conflict",
  "credential-taken": "conflict",
  "too-many-credentials": "conflict",
  "not-restorable": "conflict",
  invalid: "invalid",
};

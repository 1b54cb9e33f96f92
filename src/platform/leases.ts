import { CLIENT_ID_PATTERN } from "../api/change-set.ts";
import { KeyApiError } from "../api/errors.ts";
import {
  HOLDER_LENGTH,
  LEASE_MS,
  type Lease,
  type LeaseAnswer,
  type LeaseGrip,
  type LeaseRequest,
} from "../api/lease.ts";
import { NAME_PATTERN } from "../core/key-name.ts";
import { holdsToken } from "../core/token.ts";
import { lockAccount, type AccountRow } from "./accounts.ts";
import { isPlainText } from "./check-spec.ts";
import type { ServiceParts } from "./commit.ts";
import { integer, text, textOrNull } from "./store/columns.ts";
import type { SqlWriter } from "./store/sql-driver.ts";

/** A lease with who took it; `runner` is null once it was given back. */
interface LeaseRow extends Omit<Lease, "remaining"> {
  readonly runner: string | null;
}

/** Takes the lease of a project for a runner, unless another one's has not ended yet. */
export async function takeLease(parts: ServiceParts, account: string, request: LeaseRequest): Promise<LeaseAnswer> {
  const { host, process, command } = request;
  checkGrip(request);
  for (const [name, word] of Object.entries({ host, process, command })) {
    if (isPlainText(word, HOLDER_LENGTH) && !holdsToken(word)) continue;
    const form = `text of at most ${HOLDER_LENGTH} characters that holds no token`;
    throw new KeyApiError("invalid", `The ${name} of a lease's holder must be ${form}.`);
  }
  const { project, runner } = request;
  return await parts.driver.write(async (sql) => {
    const row = await lockAccount(sql, account);
    const now = await sql.time(parts.clock());
    const before = await findLease(sql, row, project);
    const isFree = before === undefined || before.runner === null || isOver(before, now);
    if (before?.runner !== runner && !isFree) return { granted: false, lease: toldLease(before, now) };
    if (before?.runner === runner) return { granted: true, lease: await extend(sql, row, before, now) };
    const holder = { actor: parts.caller.actor, host, process, command };
    const fence = (before?.fence ?? 0) + 1;
    const lease = { project, fence, holder, takenAt: instant(now), leaseUntil: instant(now + LEASE_MS), runner };
    await sql.run(
      before === undefined ? INSERT : UPDATE,
      ...[fence, runner, holder.actor, host, process, command, lease.takenAt, lease.leaseUntil, row.seq, project],
    );
    return { granted: true, lease: toldLease(lease, now) };
  });
}

/** Extends a lease. One that has ended and that nobody has taken since is as good as ever: nobody came between. */
export async function renewLease(parts: ServiceParts, account: string, grip: LeaseGrip): Promise<Lease> {
  checkGrip(grip);
  return await parts.driver.write(async (sql) => {
    const row = await lockAccount(sql, account);
    const lease = await findLease(sql, row, grip.project);
    if (lease?.runner !== grip.runner) throw fenced(grip.project, lease);
    return await extend(sql, row, lease, await sql.time(parts.clock()));
  });
}

/** Gives a lease back; its fence stays, so that the next is higher. False if it is another runner's, or nobody's. */
export async function releaseLease(parts: ServiceParts, account: string, grip: LeaseGrip): Promise<boolean> {
  checkGrip(grip);
  return await parts.driver.write(async (sql) => {
    const row = await lockAccount(sql, account);
    const lease = await findLease(sql, row, grip.project);
    if (lease?.runner !== grip.runner) return false;
    await sql.run("UPDATE leases SET runner = NULL WHERE account = ? AND project = ?", row.seq, grip.project);
    return true;
  });
}

/** Refuses what is written under a lease that has passed to another runner. The account's row is locked. */
export async function requireFence(sql: SqlWriter, account: AccountRow, project: string, fence: number): Promise<void> {
  const lease = await findLease(sql, account, project);
  if (lease?.fence !== fence || lease.runner === null) throw fenced(project, lease);
}

const COLUMNS = "fence, runner, actor, host, process, command, taken_at, lease_until";
const INSERT = `INSERT INTO leases (${COLUMNS}, account, project) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const UPDATE = `
  UPDATE leases SET fence = ?, runner = ?, actor = ?, host = ?, process = ?, command = ?, taken_at = ?, lease_until = ?
  WHERE account = ? AND project = ?`;

async function findLease(sql: SqlWriter, account: AccountRow, project: string): Promise<LeaseRow | undefined> {
  const row = await sql.get(`SELECT ${COLUMNS} FROM leases WHERE account = ? AND project = ?`, account.seq, project);
  if (row === undefined) return undefined;
  const [fence, runner, actor, host, process, command, takenAt, leaseUntil] = row;
  return {
    project,
    fence: integer(fence),
    runner: textOrNull(runner ?? null),
    holder: { actor: text(actor), host: text(host), process: text(process), command: text(command) },
    takenAt: text(takenAt),
    leaseUntil: text(leaseUntil),
  };
}

/** So far may a clock have run backwards since a lease was taken, in milliseconds. */
const CLOCK_STEP_MS = 5_000;

/**
 * True if a lease has ended, or if it ends later than any can: a clock was wrong then, and whoever took it would hold it
 * until that time comes. A holder that is alive has given it an end by the present clock within a heartbeat; where another is
 * faster, the fence tells it.
 */
function isOver({ leaseUntil }: LeaseRow, now: number): boolean {
  const left = Date.parse(leaseUntil) - now;
  return left <= 0 || left > LEASE_MS + CLOCK_STEP_MS;
}

async function extend(sql: SqlWriter, account: AccountRow, lease: LeaseRow, now: number): Promise<Lease> {
  const leaseUntil = instant(now + LEASE_MS);
  const update = "UPDATE leases SET lease_until = ? WHERE account = ? AND project = ?";
  await sql.run(update, leaseUntil, account.seq, lease.project);
  return toldLease({ ...lease, leaseUntil }, now);
}

/** The runner's own word stays with it and the store: whoever knew it could give the lease away. */
function toldLease({ project, fence, holder, takenAt, leaseUntil }: LeaseRow, now: number): Lease {
  return { project, fence, holder, takenAt, leaseUntil, remaining: Math.max(0, Date.parse(leaseUntil) - now) };
}

function fenced(project: string, lease: LeaseRow | undefined): KeyApiError {
  const who = lease === undefined || lease.runner === null ? "it was given back" : `${lease.holder.actor} has it now`;
  return new KeyApiError("fenced", `The lease of ${project} is no longer this run's: ${who}. Nothing was changed.`);
}

function checkGrip({ project, runner }: LeaseGrip): void {
  if (typeof project !== "string" || !NAME_PATTERN.test(project) || holdsToken(project)) {
    throw new KeyApiError("invalid", "The project of a lease must be a name.");
  }
  if (typeof runner === "string" && CLIENT_ID_PATTERN.test(runner)) return;
  throw new KeyApiError("invalid", "The runner of a lease must be 16 to 64 letters, digits, - or _.");
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}

import type { ChangeSet, CommitResult } from "../api/change-set.ts";
import { KeyApiError } from "../api/errors.ts";
import type { KeyApi } from "../api/key-api.ts";
import { NO_PLATFORM } from "../plan/live-state.ts";
import { isEmptyPlan, type Plan } from "../plan/plan.ts";
import { acknowledge, type Arrived } from "./acknowledge.ts";
import { changeSetIdOf, confirmationIdOf } from "./applied-plan.ts";
import { changeSetOf } from "./change-set-of.ts";
import { deliverSecrets, lookAtPlaces, type DeliveryPorts, type SeenPlaces } from "./deliver-secrets.ts";
import { eventQueue } from "./event-queue.ts";
import type { AppliedChange, ApplyEvent, ApplyReport, SecretReport } from "./events.ts";
import { foundSecrets, withConfirmed } from "./found-secrets.ts";
import { drawSecrets, type IssuedSecret, type SecretSource } from "./issued-secret.ts";
import { NONE_SETTLED, settleUnconfirmed, type Settlements } from "./settle-unconfirmed.ts";
import { withheldSecrets, type Withheld } from "./withheld-secrets.ts";
import { withRetry, type RetryPorts } from "../api/retry.ts";
import { checkUntouched, makeAccount } from "./make-account.ts";
import { leasedSinks } from "./leased-sinks.ts";
import { LeaseHeld, type RunnerLease } from "./runner-lease.ts";

/** How many refused changes an error names. */
const MAX_DETAILS = 5;

/** What an apply needs of the world. */
export interface ApplyPorts extends SecretSource, DeliveryPorts, RetryPorts {
  readonly api: KeyApi;
  /** The run's lease, if it has one: what it writes bears its fence, and sinks are written only while it holds. */
  readonly lease?: Pick<RunnerLease, "take" | "fence" | "holds"> | undefined;
}

/**
 * Carries a plan out: a look at what an earlier run left behind, one change set, then the new secrets to where they go, then
 * one acknowledgement of those that arrived, which also revokes what nobody holds. Yields what happens and returns what happened; never throws for what the world does. An abort counts until
 * the change set is sent: after that the run goes on to its end, also if nobody reads its events any more, because only
 * this run knows the secrets. What it leaves undone, such as a delivery that failed, the next plan finds and replaces.
 */
export async function* applyPlan(plan: Plan, ports: ApplyPorts): AsyncGenerator<ApplyEvent, ApplyReport, void> {
  const events = eventQueue<ApplyEvent>();
  const outcome = carryOut(plan, ports, events.push).finally(events.close);
  outcome.catch(() => undefined); // awaited below; without this a reader that is slow would make it look unhandled
  try {
    yield* events.read();
  } finally {
    await outcome;
  }
  return await outcome;
}

type Tell = (event: ApplyEvent) => void;

async function carryOut(plan: Plan, ports: ApplyPorts, tell: Tell): Promise<ApplyReport> {
  const report = emptyReport(plan);
  if (isEmptyPlan(plan) && plan.refusals.length === 0) return report;
  const refused = refusalOf(plan, ports);
  if (refused !== null) return { ...report, outcome: "failed", error: refused };
  tell({ type: "apply-started", changes: plan.changes.length });
  const id = changeSetIdOf(plan, ports.sha256, ports.newId());
  let settled = NONE_SETTLED;
  let withheld: Withheld;
  let secrets: readonly IssuedSecret[];
  let seen: SeenPlaces;
  let accountMade = false;
  let sent = false;
  let committed: CommitResult | null;
  try {
    await checkPlatform(plan, ports);
    settled = await settleUnconfirmed(plan, ports.sinks);
    withheld = await withheldSecrets(plan, settled, ports.sinks);
    secrets = drawSecrets(plan, settled, withheld, ports);
    seen = await lookAtPlaces(secrets, ports.sinks);
    accountMade = await makeAccount(plan, ports);
    if (accountMade) tell({ type: "account-created", account: plan.account.name });
    await ports.lease?.take();
    await checkUntouched(plan, ports);
    ports.signal?.throwIfAborted();
    const changeSet = changeSetFor(plan, { secrets, settled, id, fence: ports.lease?.fence() });
    sent = changeSet.changes.length > 0;
    // No signal: a commit that is under way is waited for, or nobody would know whether the secrets are needed.
    committed = sent ? await withRetry(() => ports.api.commit(plan.account.name, changeSet), ports) : null;
  } catch (error) {
    return failure(report, error, sent ? id : null, ports.signal);
  }
  if (committed !== null) {
    const { revision, results } = committed;
    const changes = new Set(results.map((result) => result.id)).size;
    tell({ type: "committed", changeSet: id, revision, changes });
  }
  const applied: ApplyReport = {
    ...report,
    outcome: "applied",
    changeSet: sent ? id : null,
    revision: committed?.revision ?? report.revision,
    changes: committed === null ? [] : appliedChanges(plan, committed),
    withoutCredential: plan.changes.flatMap((change) =>
      change.action === "create" && change.credential === null ? [change.name] : [],
    ),
    withheld: [...withheld].map(([key, why]) => ({ key, why })),
  };
  return await handOver(applied, plan, { secrets, settled, seen }, ports, tell);
}

/** Delivers and acknowledges; from here on nothing is aborted. */
async function handOver(
  applied: ApplyReport,
  plan: Plan,
  {
    secrets,
    settled,
    seen,
  }: { readonly secrets: readonly IssuedSecret[]; readonly settled: Settlements; readonly seen: SeenPlaces },
  ports: ApplyPorts,
  tell: Tell,
): Promise<ApplyReport> {
  const sinks = leasedSinks(ports.sinks, ports.lease);
  const delivered = await deliverSecrets(secrets, { ...ports, sinks }, tell, seen);
  const failed = new Set(delivered.flatMap((one) => (one.status === "failed" ? [one.key] : [])));
  const found = foundSecrets(plan, settled);
  const arrived = [...found.map(({ arrived: one }) => one), ...arrivals(applied, secrets, settled, failed)];
  const { sleep, random } = ports; // and no signal
  const newId = (): string => confirmationIdOf(plan, ports.sha256, ports.newId());
  const told =
    arrived.length === 0
      ? { keys: [], revision: null, changeSet: null, error: null }
      : await acknowledge(arrived, { ...plan, fence: ports.lease?.fence() }, ports.api, newId, { sleep, random });
  if (told.keys.length > 0) tell({ type: "acknowledged", keys: told.keys });
  const confirmed = new Set(told.keys);
  const wanted = [...secrets, ...found.map(({ arrived: one }) => one)];
  const allConfirmed = wanted.every(({ key }) => confirmed.has(key));
  const reports = [...found.flatMap((one) => one.reports), ...delivered];
  return {
    ...applied,
    outcome: allConfirmed && applied.withheld.length === 0 ? "applied" : "applied-in-part",
    changeSet: applied.changeSet ?? told.changeSet,
    revision: told.revision ?? (told.error === null ? applied.revision : null),
    changes: withConfirmed(plan, applied.changes, confirmed, told.revision),
    secrets: reports.map((one) => confirmation(one, failed, confirmed, told.error)),
    error: deliveryError(failed.size, secrets.length, applied.withheld.length, told.error),
  };
}

/** The secrets that arrived everywhere in this run, as the platform is told of them. */
function arrivals(
  { changes }: ApplyReport,
  secrets: readonly IssuedSecret[],
  settled: Settlements,
  failed: ReadonlySet<string>,
): readonly Arrived[] {
  const ids = new Map(changes.map((change) => [change.name, change.id]));
  return secrets.flatMap(({ key, credential }): readonly Arrived[] => {
    const id = ids.get(key);
    const revokes = settled.get(key)?.revokes ?? [];
    return id === undefined || failed.has(key) ? [] : [{ key, id, credential: credential.id, revokes }];
  });
}

/** A secret that arrived is `unconfirmed` if the platform could not be told, or if it did not arrive everywhere. */
function confirmation(
  report: SecretReport,
  failed: ReadonlySet<string>,
  confirmed: ReadonlySet<string>,
  error: KeyApiError | null,
): SecretReport {
  if (report.status === "failed" || confirmed.has(report.key)) return report;
  const why = failed.has(report.key) ? "another place did not get it" : (error?.message ?? "the platform was not told");
  return { ...report, status: "unconfirmed", error: why };
}

function deliveryError(
  failed: number,
  total: number,
  withheld: number,
  told: KeyApiError | null,
): ApplyReport["error"] {
  if (failed > 0) {
    const message = `${String(failed)} of ${String(total)} new secrets did not arrive. Apply again to issue others in their place.`;
    return { code: "delivery", message };
  }
  if (told === null && withheld > 0) {
    const message = `${String(withheld)} of ${String(total + withheld)} new secrets were not issued, because nobody could have got them.`;
    return { code: "delivery", message };
  }
  return told === null
    ? null
    : { code: told.code, message: `The new secrets arrived, but were not confirmed: ${told.message}` };
}

/** The report of an apply that has nothing to do: what every report begins as. */
export function emptyReport(plan: Plan): ApplyReport {
  return {
    formatVersion: 1,
    outcome: "nothing-to-do",
    account: plan.account.name,
    project: plan.project,
    changeSet: null,
    revision: plan.account.revision,
    changes: [],
    unchanged: plan.unchanged,
    secrets: [],
    withoutCredential: [],
    withheld: [],
    error: null,
  };
}

/** Why the plan cannot even be begun, or null. */
function refusalOf(plan: Plan, ports: ApplyPorts): ApplyReport["error"] {
  const [refusal] = plan.refusals;
  if (refusal !== undefined)
    return { code: "invalid", message: `The plan is refused: ${refusal.summary}. ${refusal.fix}` };
  const shown = plan.changes.find(
    (change) => change.action !== "delete" && change.credential !== null && change.credential.deliver.length === 0,
  );
  if (shown === undefined || ports.reveal !== undefined) return null;
  const message = `The plan shows the secret of ${JSON.stringify(shown.name)} on the terminal: apply it with --reveal.`;
  return { code: "invalid", message };
}

async function checkPlatform(plan: Plan, { api, signal }: ApplyPorts): Promise<void> {
  signal?.throwIfAborted();
  if (plan.platform.instance === NO_PLATFORM) return;
  const { instance } = await api.platform({ signal });
  if (instance === plan.platform.instance) return;
  throw new KeyApiError("stale", `The plan was made for another platform than ${plan.platform.url} is. Plan again.`);
}

/** The change set's id stays the same through all tries, so a lost answer never makes two of anything. */
function changeSetFor(
  plan: Plan,
  {
    secrets,
    settled,
    id,
    fence,
  }: {
    readonly secrets: readonly IssuedSecret[];
    readonly settled: Settlements;
    readonly id: string;
    readonly fence: number | undefined;
  },
): ChangeSet {
  const credentials = new Map(secrets.map(({ key, credential }) => [key, credential]));
  const room = new Map([...settled].flatMap(([key, { room: one }]) => (one === null ? [] : [[key, one] as const])));
  return { ...changeSetOf(plan, credentials, id, room), ...(fence === undefined ? {} : { fence }) };
}

function appliedChanges(plan: Plan, { results }: CommitResult): readonly AppliedChange[] {
  const created = new Map(results.flatMap((result) => (result.action === "create" ? [[result.name, result]] : [])));
  const byId = new Map(results.map((result) => [result.id, result]));
  return plan.changes.flatMap((change) => {
    const { action, name } = change;
    const result = change.action === "create" ? created.get(name) : byId.get(change.id);
    return result === undefined ? [] : [{ action, name, id: result.id, revision: result.revision }];
  });
}

/** Nothing was written, as far as is known: with a change set's id it was sent, but no answer came. */
function failure(
  report: ApplyReport,
  error: unknown,
  sent: string | null,
  signal: AbortSignal | undefined,
): ApplyReport {
  const failed = { ...report, outcome: "failed" as const };
  if (error instanceof LeaseHeld) return { ...failed, error: { code: "fenced", message: `${error.message}.` } };
  const unknown = sent !== null && (!(error instanceof KeyApiError) || error.retryable);
  const doubt = unknown ? { changeSet: sent, revision: null } : {};
  const hint = unknown ? ` Whether the change set ${sent} was committed is not known; plan again to see.` : "";
  if (error instanceof KeyApiError) {
    return { ...failed, ...doubt, error: { code: error.code, message: problemText(error, report.account) + hint } };
  }
  if (signal?.aborted !== true) throw error;
  return { ...failed, ...doubt, error: { code: "cancelled", message: `The apply was cancelled.${hint}` } };
}

/** What the platform said, and of each key that it named up to a handful. */
function problemText(error: KeyApiError, account: string): string {
  const details = error.problems.map(({ message }) => message);
  if (details.length > 0 && (error.code === "stale" || error.code === "conflict")) {
    // The guards and the plan saw none of it: it came between.
    const more = details.length > MAX_DETAILS ? ` (and ${String(details.length - MAX_DETAILS)} more)` : "";
    const found = `${details.slice(0, MAX_DETAILS).join(" ")}${more}`;
    return `Someone else changed the account ${account} since it was read for this plan, so none of it was written. ${found}`;
  }
  const others = details.filter((text) => !error.message.includes(text));
  return [error.message, ...others.slice(0, MAX_DETAILS - 1)].join(" ");
}

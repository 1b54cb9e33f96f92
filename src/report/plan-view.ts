import { guaranteeNote } from "../core/delivery-guarantees.ts";
import { formatDelivery } from "../core/delivery.ts";
import type {
  AccessEffect,
  CreateKey,
  DeleteKey,
  Drift,
  Plan,
  PlanAction,
  PlannedChange,
  PlannedCredential,
  UpdateKey,
} from "../plan/plan.ts";
import { changedLines, combinedAccess, specLines, type AttributeLine } from "./attribute-lines.ts";
import { momentText } from "./moment-text.ts";
import { countsLine } from "./plan-counts.ts";
import { plural, shown } from "./shown.ts";

/** A plan in printable words, made once: the text and the Markdown renderer print these rows and know nothing else. */
export interface PlanView {
  readonly target: string;
  readonly account: string;
  readonly project: string;
  /** The account that would be made; null if it is there. */
  readonly newAccount: string | null;
  readonly drift: readonly DriftRow[];
  readonly changes: readonly ChangeRow[];
  readonly refusals: readonly RefusalRow[];
  readonly unmanaged: readonly string[];
  /** The last line. */
  readonly counts: string;
}

/** One change of one key. */
export interface ChangeRow {
  readonly action: PlanAction;
  readonly name: string;
  /** `key web will be updated in place` */
  readonly sentence: string;
  /** `secret unchanged` */
  readonly reason: string;
  readonly attributes: readonly AttributeLine[];
  /** What happens to its secret; the secret itself is never known here. */
  readonly credential: readonly string[];
  readonly access: AccessEffect;
}

/** One key that was changed outside the project. */
export interface DriftRow {
  readonly name: string;
  /** Who, when, which fields. */
  readonly text: string;
}

/** Why the plan must not be applied. */
export interface RefusalRow {
  readonly code: string;
  readonly summary: string;
  readonly fix: string;
}

/** Choices of every plan renderer. */
export interface PlanViewOptions {
  /** Show whole specs, fields that stay as they are included. */
  readonly full?: boolean | undefined;
  /** Milliseconds since 1970: moments are also told relative to it. */
  readonly now?: number | undefined;
}

/** The rows of a plan. */
export function planView(plan: Plan, options: PlanViewOptions = {}): PlanView {
  const name = shown(plan.account.name);
  return {
    target: `Account ${name}, project ${shown(plan.project)}, platform ${shown(plan.platform.url)}`,
    account: name,
    project: shown(plan.project),
    newAccount: plan.account.action === "create" ? name : null,
    drift: plan.drift.map((drift) => driftRow(drift, options.now)),
    changes: plan.changes.map((change) => changeRow(change, plan, options.full === true)),
    refusals: plan.refusals.map(({ code, summary, fix }) => ({ code, summary: shown(summary), fix: shown(fix) })),
    unmanaged: plan.unmanaged.map(shown),
    counts: countsLine(plan),
  };
}

function changeRow(change: PlannedChange, plan: Plan, full: boolean): ChangeRow {
  const name = shown(change.name);
  if (change.action === "create") {
    return {
      action: "create",
      name,
      sentence: `key ${name} will be created`,
      reason: notLive(change),
      attributes: specLines(change.after, "+", !full),
      credential: change.credential === null ? [NO_SECRET] : credentialLines(change.credential),
      access: "none",
    };
  }
  return change.action === "delete" ? deleteRow(change, name, plan, full) : updateRow(change, name, full);
}

function notLive({ renamedFrom }: CreateKey): string {
  return renamedFrom === undefined
    ? "declared, not live"
    : `declared, not live, and no key ${shown(renamedFrom)} to rename`;
}

const NO_SECRET = "no secret is issued: declare `deliver`, or apply with --reveal";

function deleteRow(change: DeleteKey, name: string, plan: Plan, full: boolean): ChangeRow {
  return {
    action: "delete",
    name,
    sentence: `key ${name} will be deleted`,
    reason: notDeclared(plan.declaration.files),
    attributes: specLines(change.before, "-", !full),
    credential: [],
    access: "none",
  };
}

function notDeclared(files: readonly string[]): string {
  const [file] = files;
  if (file === undefined) return "not declared";
  if (files.length > 1) return `not in the ${String(files.length)} files of the declaration`;
  return `not in ${file === "-" ? "standard input" : shown(file)}`;
}

function updateRow(change: UpdateKey, name: string, full: boolean): ChangeRow {
  const { attributes, credential } = change;
  const changed = new Set(attributes.map(({ path }) => shown(path)));
  const kept = full ? specLines(change.after, "=", false).filter(({ path }) => !changed.has(path)) : [];
  return {
    action: change.action,
    name,
    sentence: updateSentence(change, name),
    reason: updateReason(change),
    attributes: [...changedLines(attributes), ...kept],
    credential: credential === null ? [] : credentialLines(credential),
    access: combinedAccess(attributes.map(({ access }) => access)),
  };
}

function updateSentence({ action, nameBefore }: UpdateKey, name: string): string {
  const before = nameBefore === null ? "" : shown(nameBefore);
  switch (action) {
    case "rename":
      return `key ${before} will be renamed to ${name}`;
    case "adopt":
      return `key ${before || name} will be adopted${before && ` and renamed to ${name}`}`;
    case "update":
      return `key ${name} will be updated in place`;
    case "issue":
      return `key ${name} will get a secret`;
  }
}

function updateReason({ action, reason, credential }: UpdateKey): string {
  if (action === "issue") {
    return reason === "never-delivered" ? "nobody confirmed that the last one arrived" : "it has none that works";
  }
  const secret = credential === null ? "secret unchanged" : "a secret is issued too";
  if (action === "adopt") return `nobody manages it yet; ${secret}`;
  return action === "rename" ? `the same key under another name; ${secret}` : secret;
}

function credentialLines({ deliver, revokes }: PlannedCredential): readonly string[] {
  const places = deliver.map((delivery) => {
    const note = guaranteeNote(delivery);
    return `a secret is issued and delivered to ${shown(formatDelivery(delivery))}${note && `, ${note}`}`;
  });
  const issued = places.length === 0 ? ["a secret is issued and shown on this terminal, once"] : places;
  if (revokes.length === 0) return issued;
  return [...issued, `${plural(revokes.length, "credential")} that nobody confirmed to hold will be revoked`];
}

function driftRow({ name, lastChange, attributes }: Drift, now: number | undefined): DriftRow {
  const fields =
    attributes.length === 0 ? "no field that is declared" : attributes.map(({ path }) => shown(path)).join(", ");
  const via = lastChange.project === null ? "" : `, project ${shown(lastChange.project)}`;
  return {
    name: shown(name),
    text: `${fields} (by ${shown(lastChange.actor)}${via}, ${momentText(lastChange.at, now)})`,
  };
}

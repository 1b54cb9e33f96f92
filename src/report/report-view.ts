import type { ApplyReport, SecretReport } from "../apply/events.ts";
import { guaranteesOf } from "../core/delivery-guarantees.ts";
import { PLAN_ACTIONS, type PlanAction } from "../plan/plan.ts";
import { deliveryText, fingerprintText } from "./secret-text.ts";
import { nameList, plural, shown } from "./shown.ts";
import type { Style } from "./style.ts";

/** The report of an apply in printable words, made once for every renderer. */
export interface ReportView {
  readonly changes: readonly { readonly action: PlanAction; readonly text: string }[];
  readonly secrets: readonly { readonly ok: boolean; readonly text: string }[];
  /** Keys that nobody can use yet, and what to do; null if there is none. */
  readonly withoutCredential: string | null;
  /** Keys whose secret was not issued, and why. */
  readonly withheld: readonly string[];
  readonly problem: { readonly code: string; readonly summary: string; readonly fix: string } | null;
  /** The last line. */
  readonly outcome: string;
}

const DONE: Readonly<Record<PlanAction, string>> = {
  adopt: "adopted",
  "take-over": "taken over",
  create: "created",
  restore: "restored",
  rename: "renamed",
  update: "updated",
  issue: "issued",
  delete: "deleted",
};

type ErrorCode = NonNullable<ApplyReport["error"]>["code"];

const FIXES: Readonly<Record<ErrorCode, string>> = {
  unauthenticated: "Give the run an admin key of this platform.",
  forbidden: "Apply with an admin key that may write to this account.",
  "not-found": "Check the platform and the account, then plan again.",
  conflict: "Plan again: the keys on the platform are not as the plan found them.",
  fenced: "Plan again: another run took over while this one stood still.",
  stale: "Plan again: something changed since this plan was made.",
  invalid: "The platform refuses this change as it stands: correct the declaration, then plan again.",
  "rate-limited": "Wait a little, then run `algokeys apply` again.",
  unavailable: "Run `algokeys apply` again once the platform answers: what is done already is not done twice.",
  cancelled: "Run `algokeys apply` again when you are ready.",
  delivery: "Make the place writable, then run `algokeys apply` again.",
};

/** The words of a report. Counts are of what happened, never of what was planned. */
export function reportView(report: ApplyReport, style: Style): ReportView {
  return {
    changes: report.changes.map(({ action, name }) => ({ action, text: changeText(action, shown(name)) })),
    secrets: report.secrets.map((secret) => ({
      ok: secret.status === "delivered" || secret.status === "confirmed",
      text: secretText(secret, style),
    })),
    withoutCredential: withoutCredentialText(report.withoutCredential),
    withheld: report.withheld.map(({ key, why }) => `key ${shown(key)} (no secret was issued: ${shown(why)})`),
    problem: problemOf(report),
    outcome: outcomeText(report),
  };
}

function changeText(action: PlanAction, name: string): string {
  return action === "issue" ? `key ${name}: secret issued` : `key ${name} ${DONE[action]}`;
}

function secretText(secret: SecretReport, style: Style): string {
  const { key, delivery, status, error } = secret;
  const fingerprint = `fingerprint ${fingerprintText(secret.fingerprint, style)}`;
  const why = error === null ? "" : `: ${shown(error)}`;
  switch (status) {
    case "delivered": {
      const how = delivery === null ? "shown on this terminal" : `delivered to ${deliveryText(delivery)}`;
      const unread = delivery === null || guaranteesOf(delivery).readBack ? "" : ", not read back";
      return `key ${shown(key)} (secret ${how}, ${fingerprint}${unread})`;
    }
    case "confirmed":
      return `key ${shown(key)} (secret was in ${deliveryText(delivery)} already, ${fingerprint}, and is confirmed now)`;
    case "unconfirmed":
      return `key ${shown(key)} (secret reached ${deliveryText(delivery)}, ${fingerprint}, but is not confirmed${why})`;
    case "failed":
      return `key ${shown(key)} (secret did not reach ${deliveryText(delivery)}${why})`;
  }
}

function withoutCredentialText(names: readonly string[]): string | null {
  if (names.length === 0) return null;
  const [has, them] = names.length === 1 ? ["has", "it"] : ["have", "them"];
  return `${plural(names.length, "key")} ${has} no secret yet: ${nameList(names, 10)}. Declare \`deliver\` for ${them}, or apply with --reveal, to issue one.`;
}

function problemOf(report: ApplyReport): ReportView["problem"] {
  const { error, outcome } = report;
  if (error === null && outcome !== "applied-in-part") return null;
  const code = error?.code ?? "delivery";
  const summary = shown(error?.message ?? "a secret did not arrive");
  return {
    code,
    summary,
    fix: outcome === "applied-in-part" ? resumeText(report.secrets, report.withheld.length, code) : FIXES[code],
  };
}

const RESUME_WITHHELD = "Mend what stands above, then run `algokeys apply` again: it issues what was not issued now.";

/** What a second apply does about secrets that did not arrive: it draws others, for these are gone for good. */
function resumeText(secrets: readonly SecretReport[], withheld: number, code: ErrorCode): string {
  const keysWith = (status: SecretReport["status"]): readonly string[] => [
    ...new Set(secrets.filter((secret) => secret.status === status).map(({ key }) => key)),
  ];
  const failed = keysWith("failed");
  if (failed.length > 0) {
    const another = failed.length === 1 ? "another secret" : "other secrets";
    const place = failed.length === 1 ? "the one that did not arrive" : "those that did not arrive";
    return `Run \`algokeys apply\` again: it issues ${another} for ${nameList(failed, 5)} in place of ${place}.`;
  }
  const unconfirmed = keysWith("unconfirmed");
  if (unconfirmed.length === 0) return withheld > 0 ? RESUME_WITHHELD : FIXES[code];
  return `Run \`algokeys apply\` again: it confirms what arrived for ${nameList(unconfirmed, 5)}, or issues another secret where it cannot look.`;
}

function outcomeText(report: ApplyReport): string {
  switch (report.outcome) {
    case "nothing-to-do":
      return `No changes. Live keys match the declaration. ${plural(report.unchanged, "key")}.`;
    case "applied":
      return `Apply complete! ${doneText(report.changes)}.`;
    case "applied-in-part":
      return partText(report);
    case "failed":
      return "Apply failed: nothing was changed.";
  }
}

/** What was done to keys, then what became of their secrets: an `issue` is told there alone, or it would count twice. */
function partText({ changes, secrets, withheld }: ApplyReport): string {
  const others = changes.filter(({ action }) => action !== "issue");
  const kept = withheld.length === 0 ? "" : ` ${plural(withheld.length, "new secret")} not issued.`;
  return `Applied in part${others.length === 0 ? "" : `: ${doneText(others)}`}.${arrivedText(secrets)}${kept}`;
}

/** How many keys got their new secret, and how many did not; a secret that is to go to several places is one. */
function arrivedText(secrets: readonly SecretReport[]): string {
  const keysWith = (status: SecretReport["status"]): Set<string> =>
    new Set(secrets.filter((secret) => secret.status === status).map(({ key }) => key));
  const total = new Set(secrets.map(({ key }) => key)).size;
  const failed = keysWith("failed");
  const unconfirmed = [...keysWith("unconfirmed")].filter((key) => !failed.has(key)).length;
  if (failed.size + unconfirmed === 0) return "";
  const counts = [
    [total - failed.size - unconfirmed, "arrived"],
    [failed.size, "did not arrive"],
    [unconfirmed, unconfirmed === 1 ? "was not confirmed" : "were not confirmed"],
  ] as const;
  const told = counts.filter(([count]) => count > 0);
  if (total === 1) return ` The new secret ${told.map(([, what]) => what).join("")}.`;
  return ` Of ${String(total)} new secrets, ${told.map(([count, what]) => `${String(count)} ${what}`).join(", ")}.`;
}

function doneText(changes: ApplyReport["changes"]): string {
  const parts = PLAN_ACTIONS.flatMap((action) => {
    const count = changes.filter((change) => change.action === action).length;
    return count === 0 ? [] : [`${String(count)} ${DONE[action]}`];
  });
  return parts.length === 0 ? "No keys changed" : parts.join(", ");
}

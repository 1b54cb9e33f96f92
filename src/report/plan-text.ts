import { RESTORE_DAYS } from "../core/api-key.ts";
import { PLAN_ACTIONS, type Plan } from "../plan/plan.ts";
import { accessNote, type AttributeLine } from "./attribute-lines.ts";
import { actionWord } from "./plan-counts.ts";
import { planView, type ChangeRow, type PlanView, type PlanViewOptions } from "./plan-view.ts";
import { problemLines } from "./problem-block.ts";
import { joined, plural } from "./shown.ts";
import { paint, type Style } from "./style.ts";
import { actionSymbol, lineSymbol } from "./symbols.ts";
import { wrapped } from "./wrap.ts";

/** Choices of the text form. */
export interface PlanTextOptions extends PlanViewOptions {
  /** Show at most so many changes in detail; a line says how many are not, and the list at the end has them all. */
  readonly details?: number | undefined;
}

/** A plan for people at a terminal. What matters most stands last, where the eye is: all changes in short, then counts. */
export function planText(plan: Plan, style: Style, options: PlanTextOptions = {}): string {
  const view = planView(plan, options);
  const sections: (readonly string[])[] = [
    wrapped(view.target, style.width, "  "),
    driftSection(view, style),
    accountSection(view, style),
    ...changeSections(view, style, options.details ?? Infinity),
    deleteNote(view, style),
    ...view.refusals.map((refusal) => problemLines({ severity: "error", ...refusal }, style)),
    secretsDueSection(view, style),
    unmanagedSection(view, style, options.full === true),
    changeList(view, style),
    lastLines(view, style),
  ];
  const filled = sections.filter((section) => section.length > 0);
  return joined(
    filled.flatMap((section, index) => (index === 0 ? section : ["", ...section])),
    style,
  );
}

function driftSection({ drift, project }: PlanView, style: Style): readonly string[] {
  if (drift.length === 0) return [];
  const title = paint(style, "bold", `Live keys changed outside of ${project}:`);
  return [
    ...wrapped(title, style.width, "  "),
    ...drift.flatMap(({ name, text }) =>
      wrapped(`  ${lineSymbol("~", style)} ${name}: ${text}`, style.width, "      "),
    ),
  ];
}

function accountSection({ newAccount }: PlanView, style: Style): readonly string[] {
  if (newAccount === null) return [];
  const text = `${paint(style, "green", "+")} account ${newAccount} will be created (the platform has none of that name; on a server that takes the role admin)`;
  return wrapped(text, style.width, "    ");
}

function changeSections({ changes }: PlanView, style: Style, most: number): readonly (readonly string[])[] {
  const detailed = changes.slice(0, most).map((row) => changeLines(row, style));
  const left = changes.length - detailed.length;
  if (left === 0) return detailed;
  const note = `${plural(left, "more change")} not shown in detail; all are listed below.`;
  return [...detailed, wrapped(paint(style, "dim", note), style.width, "")];
}

function changeLines(row: ChangeRow, style: Style): readonly string[] {
  const symbol = actionSymbol(row.action, style);
  return [
    ...wrapped(`${symbol} ${paint(style, "bold", row.sentence)} (${row.reason})`, style.width, "    "),
    ...row.attributes.flatMap((line) => attributeText(line, style)),
    ...row.credential.flatMap((text) => wrapped(`    (${text})`, style.width, "     ")),
  ];
}

function attributeText({ symbol, text, note, entry }: AttributeLine, style: Style): readonly string[] {
  const indent = " ".repeat(entry ? 8 : 4);
  const effect = note === null ? "" : ` ${paint(style, "yellow", `(${note})`)}`;
  return wrapped(`${indent}${lineSymbol(symbol, style)} ${text}${effect}`, style.width, `${indent}    `);
}

function deleteNote({ changes }: PlanView, style: Style): readonly string[] {
  if (!changes.some(({ action }) => action === "delete")) return [];
  const note = `Deleted keys are refused at once and can be restored for ${String(RESTORE_DAYS)} days.`;
  return wrapped(paint(style, "dim", note), style.width, "");
}

function secretsDueSection({ secretsDue }: PlanView, style: Style): readonly string[] {
  if (secretsDue.length === 0) return [];
  const title = paint(style, "bold", "Due for another secret, which this plan does not issue:");
  const symbol = actionSymbol("issue", style);
  return [
    ...wrapped(title, style.width, "  "),
    ...secretsDue.flatMap(({ name, text }) => wrapped(`  ${symbol} ${name}: ${text}`, style.width, "      ")),
  ];
}

/** Unmanaged keys are never touched, so a few names are enough; `full` lists them all. */
function unmanagedSection({ unmanaged }: PlanView, style: Style, full: boolean): readonly string[] {
  if (unmanaged.length === 0) return [];
  const most = full ? unmanaged.length : 3;
  const more = unmanaged.length > most ? ` and ${String(unmanaged.length - most)} more` : "";
  const names = `${unmanaged.slice(0, most).join(", ")}${more}`;
  const note = `Managed by nobody and left alone: ${plural(unmanaged.length, "key")} (${names}).`;
  return wrapped(paint(style, "dim", note), style.width, "  ");
}

/** Every change in a word, so that the end of a long plan tells all of it. */
function changeList({ changes }: PlanView, style: Style): readonly string[] {
  if (changes.length < 2) return [];
  const lines = PLAN_ACTIONS.flatMap((action) => {
    const names = changes.filter((row) => row.action === action).map(shortName);
    if (names.length === 0) return [];
    return wrapped(
      `  ${actionSymbol(action, style)} ${actionWord(action)}: ${names.join(", ")}`,
      style.width,
      "      ",
    );
  });
  return [paint(style, "bold", "All changes:"), ...lines];
}

function shortName(row: ChangeRow): string {
  const note = accessNote(row.access);
  return note === null ? row.name : `${row.name} (${note})`;
}

function lastLines({ counts, credentials, refusals }: PlanView, style: Style): readonly string[] {
  const refused = `Apply would refuse this plan: ${plural(refusals.length, "error")} above.`;
  return [
    ...(refusals.length === 0 ? [] : wrapped(paint(style, "red", refused), style.width, "")),
    ...(credentials === null ? [] : wrapped(credentials, style.width, "  ")),
    // Never wrapped: scripts look for this line.
    paint(style, "bold", counts),
  ];
}

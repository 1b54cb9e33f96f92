import type { Plan } from "../plan/plan.ts";
import { accessNote } from "./attribute-lines.ts";
import { codeBlock, collapsed, markerLine } from "./markdown.ts";
import { planView, type ChangeRow, type PlanView } from "./plan-view.ts";
import { joined, plural } from "./shown.ts";
import type { Style } from "./style.ts";
import { actionSymbol } from "./symbols.ts";

/** Comments on pull requests are refused above 65,536 characters; this leaves room for what a bot adds. */
const DEFAULT_LIMIT = 60_000;
/** Below this there is no room for the parts that always stand. */
const LEAST_LIMIT = 4_000;

/**
 * A plan as a comment on a pull request: counts first, then what stops it, drift, and the changes, collapsed. Every
 * name and value stands in code. Never longer than `limit` characters: with too many changes for it, each gets one line,
 * deletes and wider access first, and a line says how many are not shown.
 */
export function planMarkdown(plan: Plan, options: { readonly limit?: number | undefined } = {}): string {
  const view = planView(plan);
  const limit = Math.max(LEAST_LIMIT, options.limit ?? DEFAULT_LIMIT);
  const head = [
    markerLine("plan", view.account, view.project),
    // Its only foreign word, if any, is the name of an account to create.
    view.newAccount === null ? `**${view.counts}**` : codeBlock([view.counts], "line", 1_000),
    codeBlock([view.target, ...accountLine(view), ...credentialsLine(view)], "line", 1_200),
    ...refusalPart(view, limit / 5),
    ...driftPart(view, limit / 5),
    ...secretsDuePart(view, limit / 10),
  ].join("\n\n");
  const room = limit - head.length - 200;
  return joined(
    [view.changes.length === 0 ? head : `${head}\n\n${changesPart(view.changes, room)}`].flatMap((text) =>
      text.split("\n"),
    ),
  );
}

function accountLine({ newAccount }: PlanView): readonly string[] {
  return newAccount === null ? [] : [`+ account ${newAccount} will be created`];
}

function credentialsLine({ credentials }: PlanView): readonly string[] {
  return credentials === null ? [] : [credentials];
}

function secretsDuePart({ secretsDue }: PlanView, room: number): readonly string[] {
  if (secretsDue.length === 0) return [];
  const lines = secretsDue.map(({ name, text }) => `% ${name}: ${text}`);
  return ["Due for another secret, which this plan does not issue:", codeBlock(lines, "key", room)];
}

function refusalPart({ refusals }: PlanView, room: number): readonly string[] {
  if (refusals.length === 0) return [];
  const lines = refusals.flatMap(({ code, summary, fix }) => [`error: ${summary} [${code}]`, `  fix: ${fix}`]);
  return [`Apply would refuse this plan: ${plural(refusals.length, "error")}.`, codeBlock(lines, "line", room)];
}

function driftPart({ drift }: PlanView, room: number): readonly string[] {
  if (drift.length === 0) return [];
  const lines = drift.map(({ name, text }) => `~ ${name}: ${text}`);
  return ["Live keys changed outside of this project:", codeBlock(lines, "key", room)];
}

function changesPart(changes: readonly ChangeRow[], room: number): string {
  const details = changes.flatMap((row, index) => (index === 0 ? detailLines(row) : ["", ...detailLines(row)]));
  const size = details.reduce((sum, line) => sum + line.length + 1, 0);
  const title = `Show ${plural(changes.length, "change")}`;
  // Half the room is left for long fences; a plan of that size is read in short form anyway.
  if (size < room / 2) return collapsed(title, codeBlock(details, "line", room, "diff"));
  const short = [...changes].sort((left, right) => urgency(right) - urgency(left)).map(shortLine);
  return collapsed(`${title} in short`, codeBlock(short, "more change", room));
}

/** What a reviewer must not miss stands first. */
function urgency(row: ChangeRow): number {
  if (row.action === "delete") return 2;
  return row.access === "widens" || row.access === "shifts" ? 1 : 0;
}

/** Marks stay ASCII and plain: the diff colouring of a comment knows no others. */
const PLAIN: Style = { color: false, unicode: false, width: Infinity };

function shortLine(row: ChangeRow): string {
  const note = accessNote(row.access);
  return `${actionSymbol(row.action, PLAIN)} ${row.action} ${row.name}${note === null ? "" : ` (${note})`}`;
}

/** The mark stands in the first column, where diff colouring looks for it. */
function detailLines(row: ChangeRow): readonly string[] {
  return [
    `${actionSymbol(row.action, PLAIN)} ${row.sentence} (${row.reason})`,
    ...row.attributes.map(({ symbol, text, note, entry }) => {
      const effect = note === null ? "" : ` (${note})`;
      return `${symbol}${entry ? "       " : "   "}${text}${effect}`;
    }),
    ...row.credential.map((text) => `    (${text})`),
  ];
}

import { changedLines } from "./attribute-lines.ts";
import { planOf, viaOf, type HistoryChange, type HistoryEntry } from "./history-view.ts";
import { momentText } from "./moment-text.ts";
import { joined, shown } from "./shown.ts";
import { paint, type Style } from "./style.ts";
import { lineSymbol } from "./symbols.ts";
import { wrapped } from "./wrap.ts";

/** At most so many changes of one change set are told in text; JSON has them all. */
const MAX_CHANGES = 20;

const VIA: Readonly<Record<string, string>> = {
  apply: "by algokeys apply",
  account: "with the account",
  terraform: "by Terraform",
  hand: "by hand",
  client: "by another client",
};

const DID: Readonly<Record<string, string>> = {
  create: "created",
  update: "changed",
  delete: "deleted",
  restore: "restored",
  "add-credential": "secret issued",
  acknowledge: "secret confirmed by its holder",
  "revoke-credential": "secret revoked",
};

/** History for people, newest first: who, when, how, and what. `now` in milliseconds since 1970. */
export function historyText(entries: readonly HistoryEntry[], style: Style, now: number): string {
  if (entries.length === 0) return joined(["Nothing was changed yet."], style);
  const blocks = entries.map((entry) => entryLines(entry, style, now));
  return joined(
    blocks.flatMap((block, index) => (index === 0 ? block : ["", ...block])),
    style,
  );
}

function entryLines(entry: HistoryEntry, style: Style, now: number): readonly string[] {
  const plan = planOf(entry.id);
  const project = entry.project === null ? "" : ` for the project ${shown(entry.project)}`;
  const which = plan === null ? "" : `, plan sha256:${plan}...`;
  const more = entry.changes.length - MAX_CHANGES;
  return [
    ...wrapped(paint(style, "bold", `Change set ${shown(entry.id)}`), style.width, "  "),
    ...wrapped(`  ${momentText(entry.committedAt, now)}, revision ${String(entry.revision)}`, style.width, "    "),
    ...wrapped(`  ${shown(entry.actor)}${project}, ${VIA[viaOf(entry)] ?? ""}${which}`, style.width, "    "),
    ...whereLines(entry, style),
    ...(entry.message === "" ? [] : wrapped(`  "${shown(entry.message)}"`, style.width, "    ")),
    ...entry.changes.slice(0, MAX_CHANGES).flatMap((change) => changeLines(change, style)),
    ...(more > 0 ? [`  and ${String(more)} more changes (--json has them all)`] : []),
  ];
}

/** From where: what its client says of itself, and the address that the platform saw. */
function whereLines({ from, address }: HistoryEntry, style: Style): readonly string[] {
  const places = [from, address].flatMap((place) => (place === null ? [] : [shown(place)]));
  return places.length === 0 ? [] : wrapped(`  from ${places.join(", address ")}`, style.width, "    ");
}

function changeLines(change: HistoryChange, style: Style): readonly string[] {
  const symbol = change.action === "create" ? "+" : change.action === "delete" ? "-" : "~";
  const renamed = change.nameBefore === null ? "" : `, renamed from ${shown(change.nameBefore)}`;
  const text = `${shown(change.name)}: ${DID[change.action] ?? shown(change.action)}${renamed}${ownershipText(change)}`;
  return [
    ...wrapped(`  ${lineSymbol(symbol, style)} ${text}`, style.width, "      "),
    ...changedLines(change.attributes).flatMap((line) =>
      wrapped(
        `${line.entry ? "        " : "      "}${lineSymbol(line.symbol, style)} ${line.text}`,
        style.width,
        "          ",
      ),
    ),
  ];
}

function ownershipText({ ownership }: HistoryChange): string {
  if (ownership === null) return "";
  const { before, after } = ownership;
  if (before === null) return `, adopted by ${shown(after ?? "")}`;
  return after === null ? `, let go by ${shown(before)}` : `, taken over from ${shown(before)} by ${shown(after)}`;
}

import type { ApiKey } from "../core/api-key.ts";
import { SPEC_FIELDS } from "../core/key-spec.ts";
import { valueText } from "./attribute-lines.ts";
import { algorithmsText, credentialState, credentialText, managerText, originsText, stateText } from "./key-view.ts";
import { momentText } from "./moment-text.ts";
import { joined, plural, shown } from "./shown.ts";
import { paint, type Style } from "./style.ts";
import { tableLines, type Column } from "./text-table.ts";
import { padTo } from "./text-width.ts";
import { wrapped } from "./wrap.ts";

const COLUMNS: readonly Column[] = [
  { title: "NAME", least: 19, rank: 0 },
  { title: "STATE", least: 19, rank: 0 },
  { title: "ALGORITHMS", least: 14, rank: 1 },
  { title: "ORIGINS", least: 10, rank: 3 },
  { title: "DATA", least: 9, rank: 2 },
  { title: "MANAGED BY", least: 10, rank: 4 },
  { title: "CREDENTIAL", least: 17, rank: 5 },
];

/** Keys as a table that fits the width, in the order given. `now` in milliseconds since 1970. */
export function keysTable(keys: readonly ApiKey[], style: Style, now: number): string {
  if (keys.length === 0) return joined(["No keys."], style);
  const rows = keys.map((key) => [
    shown(key.name),
    stateText(key, now),
    algorithmsText(key.spec.algorithms),
    originsText(key.spec.origins),
    key.spec.data,
    managerText(key),
    credentialCell(key, now),
  ]);
  return joined([...tableLines(COLUMNS, rows, style), "", `${plural(keys.length, "key")}.`], style);
}

/** One key in full. `now` in milliseconds since 1970. */
export function keyText(key: ApiKey, style: Style, now: number): string {
  const { spec, lastChange } = key;
  const via = lastChange.project === null ? "" : `, project ${shown(lastChange.project)}`;
  const facts: readonly (readonly [string, string])[] = [
    ["id", shown(key.id)],
    ["account", shown(key.account)],
    ["state", stateText(key, now)],
    ...SPEC_FIELDS.flatMap((field) => specFact(key, field, now)),
    ["management", spec.management ? "may manage algorithms" : "none"],
    ["managed by", managerText(key)],
    ...(key.renamedFrom === null ? [] : [["renamed from", shown(key.renamedFrom)] as const]),
    ["created", momentText(key.createdAt, now)],
    ["last change", `${momentText(lastChange.at, now)} by ${shown(lastChange.actor)}${via}`],
    ...(key.deletedAt === null ? [] : [["deleted", momentText(key.deletedAt, now)] as const]),
    ["revision", String(key.revision)],
    ...credentialFacts(key, now),
  ];
  const lines = facts.flatMap(([name, text]) =>
    wrapped(`  ${padTo(name, 14)}${text}`.trimEnd(), style.width, " ".repeat(16)),
  );
  return joined([...wrapped(paint(style, "bold", `key ${shown(key.name)}`), style.width, "  "), ...lines], style);
}

function specFact(
  key: ApiKey,
  field: (typeof SPEC_FIELDS)[number],
  now: number,
): readonly (readonly [string, string])[] {
  const { spec } = key;
  switch (field) {
    case "description":
      return spec.description === "" ? [] : [[field, shown(spec.description)]];
    case "algorithms":
      return [[field, algorithmsText(spec.algorithms)]];
    case "origins":
      return [[field, originsText(spec.origins)]];
    case "data":
      return [[field, spec.data]];
    case "expires":
      return [[field, spec.expires === null ? "never" : momentText(spec.expires, now)]];
    case "labels": {
      const labels = Object.entries(spec.labels).map(([name, value]) => `${shown(name)}=${valueText(value)}`);
      return labels.length === 0 ? [] : [[field, labels.join(", ")]];
    }
    case "rotation":
      return spec.rotation === null
        ? []
        : [[field, `every ${shown(spec.rotation.every)}, overlap ${shown(spec.rotation.overlap)}`]];
    // The state line tells these.
    case "enabled":
    case "protect":
    case "management":
      return [];
  }
}

function credentialFacts(key: ApiKey, now: number): readonly (readonly [string, string])[] {
  if (key.credentials.length === 0) return [["credential", "none: nobody can use this key yet"]];
  return key.credentials.map((credential) => ["credential", credentialText(credential, now)]);
}

/** The newest credential that works, by mask and the head of its fingerprint. */
function credentialCell(key: ApiKey, now: number): string {
  const working = key.credentials.filter((one) => !["revoked", "retired"].includes(credentialState(one, now)));
  const newest = working.at(-1);
  if (newest === undefined) return "none";
  const more = working.length > 1 ? ` +${String(working.length - 1)}` : "";
  return `${shown(newest.mask.replace(/\*+$/, "*"))} ${shown(newest.fingerprint.slice(0, 8))}${more}`;
}

import type { ChangeOrigin } from "../core/api-key.ts";
import type { Drift } from "../plan/plan.ts";
import { changedLines } from "./attribute-lines.ts";
import { momentText } from "./moment-text.ts";
import type { Outside } from "./outside.ts";
import { placeLines, type PlaceFinding } from "./place-finding.ts";
import { joined, jsonDocument, plural, shown } from "./shown.ts";
import type { Style } from "./style.ts";
import { lineSymbol } from "./symbols.ts";
import { wrapped } from "./wrap.ts";

/** What is told of drift. Attributes go from the live value (before) to the declared one (after). */
export interface DriftFacts {
  readonly project: string;
  /** The project's last apply; null if there was none. */
  readonly since: ChangeOrigin | null;
  readonly drift: readonly Drift[];
  readonly outside: readonly Outside[];
  /** Places that hold no working secret; null if nobody looked. */
  readonly places: readonly PlaceFinding[] | null;
  /** True if the declaration's files are such that `drift accept` writes into them. */
  readonly isWritable: boolean;
}

/** Drift for people. `now` in milliseconds since 1970. */
export function driftText(facts: DriftFacts, style: Style, now: number): string {
  const { project, since, drift, outside, places } = facts;
  const last =
    since === null
      ? "it was never applied"
      : `its last apply was ${momentText(since.at, now)} by ${shown(since.actor)}`;
  const title = `Project ${shown(project)}: ${last}.`;
  const keys = drift.flatMap(({ name, lastChange, attributes }) => [
    ...wrapped(
      `${lineSymbol("~", style)} ${shown(name)}: ${originText(lastChange, now)}; live value -> declared value`,
      style.width,
      "    ",
    ),
    ...changedLines(attributes).flatMap((line) =>
      wrapped(
        `${line.entry ? "        " : "    "}${lineSymbol(line.symbol, style)} ${line.text}`,
        style.width,
        "        ",
      ),
    ),
  ]);
  const others = outside.flatMap(({ name, what, origin, advice }) => [
    ...wrapped(
      `${lineSymbol("~", style)} ${shown(name)}: ${shown(what)}, ${originText(origin, now)}`,
      style.width,
      "    ",
    ),
    ...(advice === null ? [] : wrapped(`    ${shown(advice)}`, style.width, "    ")),
  ]);
  const stale = (places ?? []).flatMap((finding) => placeLines(finding, style));
  return joined([...wrapped(title, style.width, "  "), ...keys, ...others, ...stale, endText(facts)], style);
}

/** How much was found, and what works for that: what drifted is accepted or reverted, all else has advice of its own. */
function endText(facts: DriftFacts): string {
  const { drift, isWritable } = facts;
  const count = findingCount(facts);
  if (count === 0) return "No drift.";
  const found = `${plural(count, "finding")}.`;
  if (drift.length === 0) return found;
  const what = drift.length === count ? "them" : "what differs";
  const revert = `ake ${what} back: algokeys drift revert.`;
  return isWritable ? `${found} Keep ${what}: algokeys drift accept; t${revert}` : `${found} T${revert}`;
}

/** How much was found that something is left to do about. */
export function findingCount({ drift, outside, places }: DriftFacts): number {
  return drift.length + outside.filter(({ advice }) => advice !== null).length + (places ?? []).length;
}

function originText({ actor, project, at, changeSet }: ChangeOrigin, now: number): string {
  const named = project === null ? "by hand" : `for the project ${shown(project)}`;
  return `by ${shown(actor)} ${named}, ${momentText(at, now)}, change set ${shown(changeSet)}`;
}

/** Drift for programs: `$defs/drift` of `schemas/report.schema.json`. */
export function driftJson({ project, since, drift, outside, places }: DriftFacts): string {
  return jsonDocument({ formatVersion: 1, project, since, drift, outside, places });
}

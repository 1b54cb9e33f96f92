import type { ChangeOrigin } from "../core/api-key.ts";
import type { Drift } from "../plan/plan.ts";
import { changedLines } from "./attribute-lines.ts";
import { momentText } from "./moment-text.ts";
import { joined, jsonDocument, plural, shown } from "./shown.ts";
import type { Style } from "./style.ts";
import { lineSymbol } from "./symbols.ts";
import { wrapped } from "./wrap.ts";

/** Something that was done to a key outside its project, beside changes of its spec. */
export interface Outside {
  readonly name: string;
  /** In a few words, such as `deleted`. */
  readonly what: string;
  readonly origin: ChangeOrigin;
}

/** What is told of drift. Attributes go from the live value (before) to the declared one (after). */
export interface DriftFacts {
  readonly project: string;
  /** The project's last apply; null if there was none. */
  readonly since: ChangeOrigin | null;
  readonly drift: readonly Drift[];
  readonly outside: readonly Outside[];
}

/** Drift for people. `now` in milliseconds since 1970. */
export function driftText({ project, since, drift, outside }: DriftFacts, style: Style, now: number): string {
  const last =
    since === null
      ? "it was never applied"
      : `its last apply was ${momentText(since.at, now)} by ${shown(since.actor)}`;
  const count = drift.length + outside.length;
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
  const others = outside.flatMap(({ name, what, origin }) =>
    wrapped(
      `${lineSymbol("~", style)} ${shown(name)}: ${shown(what)}, ${originText(origin, now)}`,
      style.width,
      "    ",
    ),
  );
  const end =
    count === 0
      ? "No drift."
      : `${plural(count, "finding")}. Keep them: algokeys drift accept; take them back: algokeys drift revert.`;
  return joined([...wrapped(title, style.width, "  "), ...keys, ...others, end], style);
}

function originText({ actor, project, at, changeSet }: ChangeOrigin, now: number): string {
  const named = project === null ? "by hand" : `for the project ${shown(project)}`;
  return `by ${shown(actor)} ${named}, ${momentText(at, now)}, change set ${shown(changeSet)}`;
}

/** Drift for programs: `$defs/drift` of `schemas/report.schema.json`. */
export function driftJson({ project, since, drift, outside }: DriftFacts): string {
  return jsonDocument({ formatVersion: 1, project, since, drift, outside });
}

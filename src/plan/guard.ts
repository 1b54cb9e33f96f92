import { specOf } from "../core/declared-spec.ts";
import type { ApiKey } from "../core/api-key.ts";
import { nameKey } from "../core/key-name.ts";
import { suggest } from "../core/suggest.ts";
import type { LiveState } from "./live-state.ts";
import type { BlockedRename, KeyMatch } from "./match.ts";
import type { PlanOptions } from "./plan-options.ts";
import type { DeleteKey, PlannedChange, Refusal } from "./plan.ts";

/** A plan may delete this share of the project's keys without being asked to, if it has at least {@link BRAKE_FROM}. */
const FREE_SHARE = 0.3;
const BRAKE_FROM = 4;

/** What the guards look at. */
export interface GuardedPlan {
  readonly project: string;
  readonly live: LiveState;
  readonly matches: readonly KeyMatch[];
  readonly blocked: readonly BlockedRename[];
  readonly changes: readonly PlannedChange[];
  /** The moment of the plan, RFC 3339. */
  readonly now: string;
}

/** Every reason why the plan must not be applied, in a fixed order. Each has its own cure or flag. */
export function guardPlan(plan: GuardedPlan, options: PlanOptions): readonly Refusal[] {
  return [
    ...foreignKeys(plan),
    ...unmanagedKeys(plan),
    ...blockedRenames(plan),
    ...unknownRenames(plan),
    ...renamedElsewhere(plan),
    ...protectedKeys(plan),
    ...tooManyDeletes(plan, options.maxDeletes),
    ...(options.allowLockout ? [] : selfLockout(plan)),
  ];
}

function foreignKeys({ matches }: GuardedPlan): readonly Refusal[] {
  const byProject = new Map<string, string[]>();
  for (const match of matches) {
    if (match.type !== "refused" || match.live.managedBy === null) continue;
    const { project } = match.live.managedBy;
    byProject.set(project, [...(byProject.get(project) ?? []), match.live.name]);
  }
  return [...byProject]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([project, keys]) => ({
      code: "foreign-key",
      keys,
      summary: `${names(keys)} ${is(keys)} managed by the project ${JSON.stringify(project)}`,
      fix: `Declare another name here; or take ${it(keys)} over, secrets untouched, with --takeover ${project}, once that project no longer declares ${it(keys)}.`,
    }));
}

function unmanagedKeys({ matches }: GuardedPlan): readonly Refusal[] {
  const keys = matches.flatMap((match) =>
    match.type === "refused" && match.live.managedBy === null ? [match.live.name] : [],
  );
  if (keys.length === 0) return [];
  return [
    {
      code: "unmanaged-key",
      keys,
      summary: `${names(keys)} ${is(keys)} live already, and no project manages ${it(keys)}`,
      fix: `To take ${it(keys)} over, secrets untouched, plan with --adopt; else declare another name.`,
    },
  ];
}

function blockedRenames({ blocked }: GuardedPlan): readonly Refusal[] {
  return blocked.map(({ from, to }) => ({
    code: "blocked-rename",
    keys: [from, to],
    summary: `${names([from])} cannot be renamed to ${names([to])}: another key of that name lives`,
    fix: `Declare ${names([from])} under a free name; or take \`renamed_from\` away, and ${names([from])} is deleted.`,
  }));
}

/**
 * A rename of a key that is not live makes one, as it should where the declaration meets an empty platform. In a plan that
 * deletes too, the name was hardly meant so: the key that was to be renamed may be the one that is deleted.
 */
function unknownRenames({ changes }: GuardedPlan): readonly Refusal[] {
  const deleted = deletes(changes).map(({ name }) => name);
  if (deleted.length === 0) return [];
  return changes.flatMap((change): readonly Refusal[] => {
    if (change.action !== "create" || change.renamedFrom === undefined) return [];
    const meant = suggest(change.renamedFrom, deleted);
    const hint = meant === undefined ? "" : ` Did you mean \`renamed_from: ${meant}\`?`;
    return [
      {
        code: "unknown-rename",
        keys: [change.name],
        summary: `${names([change.name])} is to be renamed from ${names([change.renamedFrom])}, which is not live, while ${names(deleted)} would be deleted`,
        fix: `Correct the name, or take \`renamed_from\` away if the key is to be made.${hint}`,
      },
    ];
  });
}

/**
 * Keys that others gave names of which the declaration cannot tell whose they are: the name that a key had is another block's,
 * or the key would be deleted while another is made, which may be meant to be it. Done as it stands, a key would lose its
 * secret, or get another one's access. (One rename to a free name is known, and taken back.)
 */
function renamedElsewhere({ project, matches, changes, live }: GuardedPlan): readonly Refusal[] {
  const isRenamed = (key: ApiKey): boolean =>
    key.renamedFrom !== null && key.managedBy?.project === project && key.lastChange.project !== project;
  const blocks = new Set(matches.map(({ declared }) => nameKey(declared.name)));
  const mistaken = matches.flatMap((match) => {
    if (match.type !== "live" || !isRenamed(match.live)) return [];
    const { declared, live: key } = match;
    const before = nameKey(key.renamedFrom ?? "");
    const isOwnName = nameKey(key.name) === nameKey(declared.name) && before !== nameKey(key.name);
    const isSaid = declared.renamedFrom !== null && nameKey(declared.renamedFrom) === before;
    return isOwnName && !isSaid && blocks.has(before) ? [key.name] : [];
  });
  const makes = changes.some(({ action }) => action === "create");
  const gone = new Set(deletes(changes).map(({ id }) => id));
  const lost = makes ? live.keys.filter((key) => gone.has(key.id) && isRenamed(key)).map(({ name }) => name) : [];
  const keys = [...mistaken, ...lost];
  if (keys.length === 0) return [];
  return [
    {
      code: "renamed-elsewhere",
      keys,
      summary: `${names(keys)} got ${keys.length === 1 ? "that name" : "those names"} elsewhere, and which block declares ${it(keys)} is not clear`,
      fix:
        "Take the rename back: algokeys undo CHANGE-SET (algokeys history names it). Or keep it, with `renamed_from` and the name " +
        "before in the block of that key. To delete such a key, apply that before you declare others.",
    },
  ];
}

function protectedKeys({ changes, live }: GuardedPlan): readonly Refusal[] {
  const protectedIds = new Set(live.keys.filter((key) => key.spec.protect).map((key) => key.id));
  const keys = deletes(changes).flatMap((change) => (protectedIds.has(change.id) ? [change.name] : []));
  if (keys.length === 0) return [];
  return [
    {
      code: "protected",
      keys,
      summary: `${names(keys)} ${is(keys)} protected and would be deleted`,
      fix: `Declare ${it(keys)} with \`protect: false\` and apply that; then remove ${it(keys)}.`,
    },
  ];
}

function tooManyDeletes(plan: GuardedPlan, bound: PlanOptions["maxDeletes"]): readonly Refusal[] {
  const managed = plan.live.keys.filter((key) => key.managedBy?.project === plan.project).length;
  const keys = deletes(plan.changes).map((change) => change.name);
  if (!isTooMany(keys.length, managed, bound)) return [];
  const all = keys.length === managed ? "all " : "";
  return [
    {
      code: "too-many-deletes",
      keys,
      summary: `${all}${String(keys.length)} of the project's ${plural(managed, "live key")} would be deleted`,
      fix: `If that is meant, plan with --max-deletes ${String(keys.length)}; else check that the declaration is complete and the right one.`,
    },
  ];
}

function isTooMany(count: number, managed: number, bound: PlanOptions["maxDeletes"]): boolean {
  if (count === 0) return false;
  if (bound === null) return count === managed || (managed >= BRAKE_FROM && count > managed * FREE_SHARE);
  return "count" in bound ? count > bound.count : count * 100 > bound.percent * managed;
}

function selfLockout({ changes, live, now }: GuardedPlan): readonly Refusal[] {
  const caller = live.keys.find((key) => key.id === live.callerKey);
  const change = changes.find((one) => one.action !== "create" && one.id === live.callerKey);
  const loss = caller && change && lossOf(caller, change, now);
  if (!caller || !loss) return [];
  return [
    {
      code: "self-lockout",
      keys: [caller.name],
      summary: `${names([caller.name])} authenticates this very run and would ${loss}`,
      fix: "Run with another key, or plan with --allow-lockout.",
    },
  ];
}

/** What the key that runs this would lose, or undefined. */
function lossOf({ spec: before }: ApiKey, change: PlannedChange, now: string): string | undefined {
  if (change.action === "delete") return "be deleted";
  const after = specOf(change.after);
  if (before.enabled && !after.enabled) return "be disabled";
  if (before.management && !after.management) return "lose `management`";
  const ends =
    after.expires !== null && after.expires !== before.expires && Date.parse(after.expires) <= Date.parse(now);
  return ends ? "expire" : undefined;
}

function deletes(changes: readonly PlannedChange[]): readonly DeleteKey[] {
  return changes.filter((change) => change.action === "delete");
}

/** Names for a sentence; a long list is cut, the refusal's `keys` has them all. */
function names(keys: readonly string[]): string {
  const shown = keys.slice(0, 3).map((key) => JSON.stringify(key));
  const more = keys.length - shown.length;
  return more === 0 ? shown.join(", ") : `${shown.join(", ")} and ${String(more)} more`;
}

function is(keys: readonly string[]): string {
  return keys.length === 1 ? "is" : "are";
}

function it(keys: readonly string[]): string {
  return keys.length === 1 ? "it" : "them";
}

function plural(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
}

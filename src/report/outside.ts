import type { ApiKey, ChangeOrigin, KeyId } from "../core/api-key.ts";
import { nameKey } from "../core/key-name.ts";
import type { Manifest } from "../core/manifest.ts";
import { lasting } from "../plan/credential-plan.ts";
import type { LiveState } from "../plan/live-state.ts";
import type { Plan } from "../plan/plan.ts";

/** Something that was done to a key outside its project, beside changes of its spec, as history tells it. */
export interface OutsideEvent {
  readonly id: KeyId;
  /** The key's name afterwards. */
  readonly name: string;
  readonly did: OutsideDeed;
  readonly origin: ChangeOrigin;
}

/** What was done. `taken`: the project that manages the key since. */
export type OutsideDeed =
  | { readonly type: "deleted" | "restored" | "let-go" }
  | { readonly type: "issued" | "revoked"; readonly credential: string | null }
  | { readonly type: "taken"; readonly by: string }
  | { readonly type: "renamed"; readonly from: string };

/** The same as it is told. */
export interface Outside {
  readonly name: string;
  /** In a few words, such as `deleted`. */
  readonly what: string;
  /** What to do about it, in a sentence or two; null where nothing is left to do. */
  readonly advice: string | null;
  readonly origin: ChangeOrigin;
}

/** What the project declares, what lives, and what the next apply would do: what advice depends on. */
export interface OutsideState {
  readonly manifest: Manifest;
  readonly live: LiveState;
  readonly plan: Plan;
}

/**
 * The events, oldest first, with what to do about each as things are now: once for each key, where it was done last. What
 * the plan tells as a name that drifted is left out.
 */
export function outsideOf(events: readonly OutsideEvent[], state: OutsideState): readonly Outside[] {
  const told = events.filter(({ id, did }) => did.type !== "renamed" || !isPlannedBack(id, state));
  const advised = new Set<string>();
  return told
    .toReversed()
    .map((event) => {
      const advice = adviceOn(event, events, state);
      const once = `${event.id} ${advice ?? ""}`;
      const isRepeated = advised.has(once);
      advised.add(once);
      return {
        name: event.name,
        what: whatText(event.did),
        advice: isRepeated ? null : advice,
        origin: event.origin,
      };
    })
    .reverse();
}

function whatText(did: OutsideDeed): string {
  switch (did.type) {
    case "deleted":
    case "restored":
      return did.type;
    case "issued":
    case "revoked":
      return `a secret was ${did.type}`;
    case "let-go":
      return "let go of";
    case "taken":
      return `taken over by the project ${did.by}`;
    case "renamed":
      return `renamed from ${did.from}`;
  }
}

function adviceOn(event: OutsideEvent, events: readonly OutsideEvent[], state: OutsideState): string | null {
  const { id, did } = event;
  const key = state.live.keys.find((candidate) => candidate.id === id);
  if (did.type === "deleted") return key === undefined ? onDeleted(event.name, state) : null;
  if (key === undefined) return null;
  switch (did.type) {
    case "restored":
      return willBeDeleted(key, state) ? DECLARE_IT : null;
    case "issued":
      return onIssued(key, did.credential);
    case "revoked":
      return onRevoked(key, state);
    case "let-go":
      return key.managedBy === null && isDeclared(key.name, state)
        ? "Take it back, secrets untouched: algokeys apply --adopt. To leave it to nobody, take its block away."
        : null;
    case "taken":
      return onTaken(key, did.by, state);
    case "renamed":
      return onRenamed(key, event, events, state);
  }
}

const DECLARE_IT = "Declare it, or the next apply deletes it.";

function onDeleted(name: string, { plan }: OutsideState): string | null {
  const isMade = plan.changes.some(({ action, name: made }) => action === "create" && nameKey(made) === nameKey(name));
  if (!isMade) return null;
  return `Bring it back with its secrets: algokeys restore ${name}. To leave it deleted, take its block away; else the next apply makes another key of that name.`;
}

function onIssued({ name, credentials }: ApiKey, credential: string | null): string | null {
  const { confirmed, unconfirmed } = lasting(credentials);
  const issued = [...confirmed, ...unconfirmed].find(({ id }) => id === credential);
  if (issued === undefined) return null;
  return `If nobody should hold it: algokeys revoke ${name} --credential ${issued.fingerprint}.`;
}

function onRevoked({ id, name, credentials }: ApiKey, state: OutsideState): string | null {
  if (lasting(credentials).confirmed.length > 0 || !isDeclared(name, state)) return null;
  const isIssued = state.plan.changes.some(
    (change) => "id" in change && change.id === id && change.action !== "delete" && change.credential !== null,
  );
  return isIssued
    ? "No secret of it is left that lasts: the next apply issues another."
    : `No secret of it is left that lasts: algokeys rotate ${name} issues another, with --reveal if it declares no delivery.`;
}

function onTaken(key: ApiKey, by: string, state: OutsideState): string | null {
  if (key.managedBy?.project !== by) return null;
  if (by === state.manifest.project) return willBeDeleted(key, state) ? DECLARE_IT : null;
  if (!isDeclared(key.name, state)) return null;
  return `Take it back, once ${by} no longer declares it: algokeys apply --takeover ${by}. To leave it there, take its block away.`;
}

/** Of renames that the plan does not take back: several of one key, and those to a name that another block has. */
function onRenamed(
  key: ApiKey,
  { id, origin }: OutsideEvent,
  events: readonly OutsideEvent[],
  state: OutsideState,
): string | null {
  const first = events.find((event) => event.id === id && event.did.type === "renamed");
  const before = first?.did.type === "renamed" ? first.did.from : key.name;
  if (nameKey(before) === nameKey(key.name) || !isDeclared(before, state)) return null;
  if (!willBeDeleted(key, state)) return `Take the rename back: algokeys undo ${origin.changeSet}.`;
  return `It is the key of the block ${before}: write \`renamed_from: ${key.name}\` there to take its name back, or \`${key.name}\` in place of \`${before}\` to keep it; else the next apply deletes it.`;
}

function isDeclared(name: string, { manifest }: OutsideState): boolean {
  return manifest.keys.some((key) => nameKey(key.name) === nameKey(name));
}

function willBeDeleted({ id }: ApiKey, { plan }: OutsideState): boolean {
  return plan.changes.some((change) => change.action === "delete" && change.id === id);
}

/** True if the plan gives the key its declared name, and tells that as drift. */
function isPlannedBack(id: KeyId, { plan }: OutsideState): boolean {
  return plan.changes.some(
    (change) =>
      "nameBefore" in change &&
      change.id === id &&
      change.nameBefore !== null &&
      plan.drift.some(({ name }) => name === change.name),
  );
}

import type { KeyId } from "../core/api-key.ts";
import { nameKey } from "../core/key-name.ts";
import type { Refused } from "./credential-rules.ts";
import type { KeyTransition, Step } from "./judge.ts";
import type { KeyState } from "./key-state.ts";

/**
 * The changes that give a key a name which another live key bears, judged on the state after the whole change set.
 * `holders` are the live keys before it that bear a wanted name.
 */
export function takenNames(
  steps: readonly Step[],
  keys: ReadonlyMap<KeyId, KeyTransition>,
  holders: ReadonlyMap<string, KeyId>,
): readonly (readonly [position: number, refused: Refused])[] {
  const refusals: (readonly [number, Refused])[] = [];
  const claimed = new Map<string, KeyId>();
  for (const [id, position] of namingSteps(steps)) {
    const key = keys.get(id);
    if (key === undefined || !claimsName(key)) continue;
    const name = nameKey(key.after.name);
    const holder = holders.get(name);
    const heldStill = holder !== undefined && holdsName(keys.get(holder)?.after, name);
    if (heldStill || claimed.has(name)) {
      refusals.push([position, { code: "name-taken", message: `The name ${key.after.name} is taken by another key.` }]);
    } else claimed.set(name, id);
  }
  return refusals;
}

/** True if a key bears a name after the change set that it did not bear, alive, before it. */
export function claimsName({ before, after }: KeyTransition): boolean {
  if (after.deletedAt !== null) return false;
  const borne = before?.deletedAt === null ? nameKey(before.name) : undefined;
  return borne !== nameKey(after.name);
}

/** The last change that named each key, in the order in which they name. */
function namingSteps(steps: readonly Step[]): Map<KeyId, number> {
  const naming = new Map<KeyId, number>();
  for (const { change, position, after } of steps) {
    const names = change.action === "create" || change.action === "restore";
    if (!names && (change.action !== "update" || change.name === undefined)) continue;
    naming.delete(after.id); // so that its place is the later one
    naming.set(after.id, position);
  }
  return naming;
}

/** A holder that the change set does not touch holds its name. */
function holdsName(after: KeyState | undefined, name: string): boolean {
  return after === undefined || (after.deletedAt === null && nameKey(after.name) === name);
}

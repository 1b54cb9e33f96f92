import type { KeyChange } from "../api/change-set.ts";
import type { ChangeProblem } from "../api/errors.ts";
import type { KeyId } from "../core/api-key.ts";
import { changedKey, createdKey, preconditionProblem, type ChangeContext } from "./change-rules.ts";
import { crowdedProblem, type Refused } from "./credential-rules.ts";
import type { KeyState } from "./key-state.ts";
import { takenNames } from "./name-rules.ts";

/** What the rules need to know of the account before a change set. */
export interface StateBefore {
  /** Every key that the changes name, deleted ones too. */
  readonly keys: ReadonlyMap<KeyId, KeyState>;
  /** The ids of live keys that bear a name which the changes want, by the name as it is compared. */
  readonly holders: ReadonlyMap<string, KeyId>;
  /** Ids and digests of credentials that exist already, among those that the changes add. */
  readonly takenCredentials: ReadonlySet<string>;
}

/** A key before and after; `before` is null for one that comes to be. */
export interface KeyTransition {
  readonly before: KeyState | null;
  readonly after: KeyState;
}

/** One change, with its key right before and right after it. */
export interface Step extends KeyTransition {
  readonly change: KeyChange;
  /** Its position in the change set. */
  readonly position: number;
}

/** What a change set comes to. */
export interface Judgement {
  /** One at most for each change, in their order. Empty: the change set may be committed. */
  readonly problems: readonly ChangeProblem[];
  /** Each touched key before and after the whole set; made keys in the order of their making. */
  readonly keys: readonly KeyTransition[];
  readonly steps: readonly Step[];
}

/**
 * Judges a change set against the state before it; pure but for the ids it draws, and it says everything that is wrong
 * at once. A change that is refused takes effect here all the same, so that what only follows from it is not reported
 * too. Names are judged on the state after the whole set, so that they can be swapped and passed on.
 */
export function judge(
  changes: readonly (KeyChange | undefined)[],
  state: StateBefore,
  asked: Omit<ChangeContext, "takenFrom"> & { readonly randomId: () => string },
): Judgement {
  const context = { ...asked, takenFrom: takenKeys(changes) };
  const problems = new Map<number, ChangeProblem>();
  const drafts = new Map<KeyId, KeyTransition>();
  const steps: Step[] = [];
  const taken = new Set(state.takenCredentials);

  function refuse(position: number, { code, message }: Refused): void {
    if (!problems.has(position)) problems.set(position, { change: position, code, message });
  }

  changes.forEach((change, position) => {
    if (change === undefined) return;
    const id = change.action === "create" ? context.randomId() : change.id;
    const before = state.keys.get(id);
    const draft = drafts.get(id)?.after ?? before ?? null;
    const after =
      change.action === "create" ? createdKey(change, id, context.now) : applied(change, position, draft, before);
    if (after === undefined) return;
    const credential = change.action === "create" || change.action === "add-credential" ? change.credential : null;
    if (credential !== null) {
      if (taken.has(credential.id) || taken.has(credential.digest)) {
        refuse(position, {
          code: "credential-taken",
          message: `${after.name}: this credential is registered already.`,
        });
      }
      taken.add(credential.id).add(credential.digest);
    }
    drafts.set(id, { before: before ?? null, after });
    steps.push({ change, position, before: draft, after });
  });

  function applied(
    change: Exclude<KeyChange, { action: "create" }>,
    position: number,
    draft: KeyState | null,
    before: KeyState | undefined,
  ): KeyState | undefined {
    const problem = preconditionProblem(change, before, context);
    if (problem !== undefined) refuse(position, problem);
    if (before === undefined || draft === null) return undefined;
    const after = changedKey(change, draft, before, context);
    if (!("code" in after)) return after;
    refuse(position, after);
    return undefined;
  }

  for (const { change, position, after } of steps) {
    const key = change.action === "add-credential" ? drafts.get(after.id)?.after : undefined;
    const crowded = key && crowdedProblem(key, context.now);
    if (crowded !== undefined) refuse(position, crowded);
  }
  for (const [position, refused] of takenNames(steps, drafts, state.holders)) refuse(position, refused);
  const inOrder = [...problems.values()].sort((left, right) => left.change - right.change);
  return { problems: inOrder, keys: [...drafts.values()], steps };
}

function takenKeys(changes: readonly (KeyChange | undefined)[]): ReadonlyMap<KeyId, string> {
  return new Map(
    changes.flatMap((change) =>
      change?.action === "update" && change.takenFrom !== undefined ? [[change.id, change.takenFrom] as const] : [],
    ),
  );
}

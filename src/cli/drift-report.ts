import { readChanges, readHistory } from "../apply/read-history.ts";
import type { RecordedChange } from "../api/change-set.ts";
import type { ChangeOrigin } from "../core/api-key.ts";
import type { Manifest } from "../core/manifest.ts";
import { computePlan } from "../plan/compute-plan.ts";
import type { LiveState } from "../plan/live-state.ts";
import type { Plan } from "../plan/plan.ts";
import { outsideOf, type Outside, type OutsideDeed, type OutsideEvent } from "../report/outside.ts";
import type { Context } from "./context.ts";
import { readDeclaration, type DeclarationInput } from "./declaration.ts";
import type { FormatOptions } from "./options.ts";
import { planOptions } from "./planning.ts";
import { readLiveState, withExistingPlatform } from "./platform.ts";
import { platformUrl } from "./platform-url.ts";

/** What a project's keys are, against what it declares, and who did what to them since its last apply. */
export interface DriftReport {
  readonly url: string;
  readonly manifest: Manifest;
  readonly live: LiveState;
  readonly plan: Plan;
  /** The project's last apply; null if history has none. */
  readonly since: ChangeOrigin | null;
  readonly outside: readonly Outside[];
}

/** Reads the declaration, the live keys, and history back to the project's last apply. */
export async function readDrift(input: DeclarationInput & FormatOptions, context: Context): Promise<DriftReport> {
  const url = platformUrl(input, context);
  const manifest = await readDeclaration(input, context);
  const live = await readLiveState(url, manifest.account, context);
  const made = { createdAt: new Date(context.now()).toISOString() };
  const plan = computePlan(manifest, live, planOptions({}), made);
  const { account } = live;
  const told = account.exists ? await readEvents(url, account.name, manifest.project, context) : NOTHING;
  return { url, manifest, live, plan, since: told.since, outside: outsideOf(told.events, { manifest, live, plan }) };
}

/** What is left to do about what was done outside, by key: what neither accept nor revert can do. */
export function openFindings({ outside }: DriftReport): readonly { readonly name: string; readonly text: string }[] {
  return outside.flatMap(({ name, what, advice }) =>
    advice === null ? [] : [{ name, text: `${name}: ${what}. ${advice}` }],
  );
}

interface History {
  readonly since: ChangeOrigin | null;
  /** Oldest first. */
  readonly events: readonly OutsideEvent[];
}

const NOTHING: History = { since: null, events: [] };

async function readEvents(url: string, account: string, project: string, context: Context): Promise<History> {
  const { signal } = context;
  const events: OutsideEvent[] = [];
  return await withExistingPlatform(url, context, async ({ api }) => {
    for await (const record of readHistory(api, account, { signal, page: 100 })) {
      const origin = { at: record.committedAt, actor: record.actor, project: record.project, changeSet: record.id };
      // Of plans only those of a declaration look at every key: not rotations, undos and the like.
      if (record.project === project && record.id.startsWith("plan-") && record.message.startsWith("apply"))
        return { since: origin, events: events.reverse() };
      if (record.project === project) continue;
      const changes = await readChanges(api, account, record.id, { signal });
      for (const change of changes.toReversed()) {
        const did = deedOf(change, project);
        if (did !== undefined) events.push({ id: change.id, name: change.after.name, did, origin });
      }
    }
    return { since: null, events: events.reverse() };
  });
}

/** What somebody else's change did to a key of the project beside its spec, which the plan compares; undefined: nothing. */
function deedOf({ action, credential, before, after }: RecordedChange, project: string): OutsideDeed | undefined {
  const [was, is] = [before?.managedBy?.project, after.managedBy?.project];
  if (was !== project && is !== project) return undefined;
  switch (action) {
    case "delete":
      return { type: "deleted" };
    case "restore":
      return { type: "restored" };
    case "add-credential":
      return { type: "issued", credential };
    case "revoke-credential":
      return { type: "revoked", credential };
    case "create":
    case "acknowledge":
      return undefined;
    case "update":
      if (was !== is) return is === undefined ? { type: "let-go" } : { type: "taken", by: is };
      return before !== null && before.name !== after.name ? { type: "renamed", from: before.name } : undefined;
  }
}

import { readChanges, readHistory } from "../apply/read-history.ts";
import type { RecordedChange } from "../api/change-set.ts";
import type { ChangeOrigin, KeyId } from "../core/api-key.ts";
import type { Manifest } from "../core/manifest.ts";
import { attributeChanges } from "../plan/attribute-change.ts";
import { computePlan } from "../plan/compute-plan.ts";
import type { LiveState } from "../plan/live-state.ts";
import { NAME_PATH, type Plan } from "../plan/plan.ts";
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
  const outside = outsideOf(told.events, { manifest, live, plan });
  return { url, manifest, live, plan: withoutOwnEdits(plan, told.fields), since: told.since, outside };
}

/**
 * The plan, where drift has only the fields that others changed: a plan knows who changed a key last, and not what, and an
 * author's own edit that is not applied yet is none of it. Where history since the last apply says nothing of a key, all stay.
 */
function withoutOwnEdits(plan: Plan, fields: History["fields"]): Plan {
  const ids = new Map(
    plan.changes.flatMap((change) => ("nameBefore" in change ? [[change.name, change.id] as const] : [])),
  );
  const drift = plan.drift.flatMap((found) => {
    const changed = fields.get(ids.get(found.name) ?? "");
    if (changed === undefined) return [found];
    const attributes = found.attributes.filter(({ path }) => path === NAME_PATH || changed.has(path));
    return attributes.length === 0 ? [] : [{ ...found, attributes }];
  });
  return { ...plan, drift };
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
  /** The fields that others changed, by the key's id. */
  readonly fields: ReadonlyMap<KeyId, ReadonlySet<string>>;
}

const NOTHING: History = { since: null, events: [], fields: new Map() };

async function readEvents(url: string, account: string, project: string, context: Context): Promise<History> {
  const { signal } = context;
  const events: OutsideEvent[] = [];
  const fields = new Map<KeyId, Set<string>>();
  return await withExistingPlatform(url, context, async ({ api }) => {
    for await (const record of readHistory(api, account, { signal, page: 100 })) {
      const origin = { at: record.committedAt, actor: record.actor, project: record.project, changeSet: record.id };
      // Of plans only those of a declaration look at every key: not rotations, undos and the like.
      if (record.project === project && record.id.startsWith("plan-") && record.message.startsWith("apply"))
        return { since: origin, events: events.reverse(), fields };
      if (record.project === project) continue;
      const changes = await readChanges(api, account, record.id, { signal });
      for (const change of changes.toReversed()) {
        const { id, before, after } = change;
        const paths = before === null ? [] : attributeChanges(before.spec, after.spec, account).map(({ path }) => path);
        fields.set(id, new Set([...(fields.get(id) ?? []), ...paths]));
        const did = deedOf(change, project);
        if (did !== undefined) events.push({ id, name: after.name, did, origin });
      }
    }
    return { since: null, events: events.reverse(), fields };
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

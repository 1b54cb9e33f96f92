import { readChanges, readHistory } from "../apply/read-history.ts";
import type { RecordedChange } from "../api/change-set.ts";
import type { ChangeOrigin } from "../core/api-key.ts";
import type { Manifest } from "../core/manifest.ts";
import { computePlan } from "../plan/compute-plan.ts";
import type { LiveState } from "../plan/live-state.ts";
import type { Plan } from "../plan/plan.ts";
import type { Outside } from "../report/drift-text.ts";
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
  const told = live.account.exists ? await readOutside(url, live.account.name, manifest.project, context) : NOTHING;
  return { url, manifest, live, plan, ...told };
}

const NOTHING = { since: null, outside: [] } as const;

async function readOutside(
  url: string,
  account: string,
  project: string,
  context: Context,
): Promise<Pick<DriftReport, "since" | "outside">> {
  const { signal } = context;
  const outside: Outside[] = [];
  return await withExistingPlatform(url, context, async ({ api }) => {
    for await (const record of readHistory(api, account, { signal, page: 100 })) {
      const origin = { at: record.committedAt, actor: record.actor, project: record.project, changeSet: record.id };
      if (record.project === project && record.id.startsWith("plan-"))
        return { since: origin, outside: outside.reverse() };
      if (record.project === project) continue;
      const changes = await readChanges(api, account, record.id, { signal });
      for (const change of changes.toReversed()) {
        const what = whatHappened(change, project);
        if (what !== undefined) outside.push({ name: change.after.name, what, origin });
      }
    }
    return { since: null, outside: outside.reverse() };
  });
}

/** What somebody else's change did to a key of the project beside its spec, which the plan compares; undefined: nothing. */
function whatHappened({ action, before, after }: RecordedChange, project: string): string | undefined {
  const [was, is] = [before?.managedBy?.project, after.managedBy?.project];
  if (was !== project && is !== project) return undefined;
  switch (action) {
    case "delete":
      return "deleted";
    case "restore":
      return "restored";
    case "add-credential":
      return "a secret was issued";
    case "revoke-credential":
      return "a secret was revoked";
    case "create":
    case "acknowledge":
      return undefined;
    case "update":
      if (was !== is) return is === undefined ? "let go of" : `taken over by the project ${is}`;
      return before !== null && before.name !== after.name ? `renamed from ${before.name}` : undefined;
  }
}

import type { ApiKey } from "../core/api-key.ts";
import type { Manifest, ManifestKey } from "../core/manifest.ts";
import { plannedSpec } from "./attribute-change.ts";
import type { PlanMoment } from "./compute-plan.ts";
import { planCredential } from "./credential-plan.ts";
import type { LiveState } from "./live-state.ts";
import type { Plan, SecretDue } from "./plan.ts";

/** A plan that rotates one key, or why it cannot be. */
export type RotationPlan = { readonly plan: Plan } | { readonly blocked: SecretDue };

/**
 * Plans another secret for one live key, whatever it has: an earlier one that nobody confirmed is not confirmed instead,
 * because a new one is asked for. Nothing else is planned, of this key or of others: the spec stays as it is live.
 */
export function planRotation(
  manifest: Manifest,
  declared: ManifestKey,
  { key, live, reveal }: { readonly key: ApiKey; readonly live: LiveState; readonly reveal: boolean },
  made: PlanMoment,
): RotationPlan {
  const asked = { reveal, now: made.createdAt, asked: true };
  const { credential, due } = planCredential({ ...declared, name: key.name, spec: key.spec }, key.credentials, asked);
  if (credential === null) {
    const none = {
      name: key.name,
      reason: "rotation-asked",
      since: null,
      blocked: "no-delivery",
      until: null,
    } as const;
    return { blocked: due ?? none };
  }
  const { id, revision, name } = key;
  return {
    plan: {
      formatVersion: 1,
      createdAt: made.createdAt,
      platform: { url: live.platform.url, instance: live.platform.instance },
      account: { name: live.account.name, action: "none", revision: live.account.revision },
      project: manifest.project,
      declaration: manifest.source,
      part: "rotate",
      changes: [
        {
          action: "issue",
          id,
          revision,
          name,
          nameBefore: null,
          reason: credential.reason,
          attributes: [],
          after: plannedSpec(key.spec),
          credential,
        },
      ],
      unchanged: 0,
      drift: [],
      secretsDue: [],
      unmanaged: [],
      refusals: [],
    },
  };
}

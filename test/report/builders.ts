import type { ApplyReport } from "../../src/apply/events.ts";
import type { ApiKey, Credential } from "../../src/core/api-key.ts";
import { declaredSpec } from "../../src/core/declared-spec.ts";
import type { Diagnostic } from "../../src/core/diagnostic.ts";
import { DEFAULT_SPEC, type KeySpec } from "../../src/core/key-spec.ts";
import type { CreateKey, DeleteKey, Plan, PlannedCredential, UpdateKey } from "../../src/plan/plan.ts";
import type { Style } from "../../src/report/style.ts";

export const PLAIN: Style = { color: false, unicode: true, width: 80 };
export const COLOR: Style = { color: true, unicode: true, width: 80 };
export const ASCII: Style = { color: false, unicode: false, width: 80 };

/** 20 November 2026, noon. */
export const NOW: number = Date.UTC(2026, 10, 20, 12);

export function spec(fields: Partial<KeySpec> = {}): KeySpec {
  return { ...DEFAULT_SPEC, algorithms: ["algo://demos/sentiment_analysis"], ...fields };
}

export function created(fields: Partial<CreateKey> = {}): CreateKey {
  return {
    action: "create",
    name: "web",
    reason: "not-live",
    after: declaredSpec(spec()),
    credential: null,
    ...fields,
  };
}

export function updated(fields: Partial<UpdateKey> = {}): UpdateKey {
  return {
    action: "update",
    id: "key_1",
    revision: 4,
    name: "web",
    nameBefore: null,
    reason: "differs",
    attributes: [{ path: "data", before: "none", after: "read", access: "widens" }],
    after: declaredSpec(spec({ data: "read" })),
    credential: null,
    ...fields,
  };
}

export function deleted(fields: Partial<DeleteKey> = {}): DeleteKey {
  return {
    action: "delete",
    id: "key_2",
    revision: 3,
    name: "nightly",
    reason: "not-declared",
    before: declaredSpec(spec({ data: "readwrite" })),
    ...fields,
  };
}

export function plan(fields: Partial<Plan> = {}): Plan {
  return {
    formatVersion: 1,
    createdAt: "2026-11-20T12:00:00Z",
    platform: { url: "file:.algokeys/platform.db", instance: "inst_1" },
    account: { name: "acme", action: "none", revision: 7 },
    project: "storefront",
    declaration: { files: ["keys.yaml"], digest: `sha256:${"0".repeat(64)}` },
    changes: [],
    unchanged: 0,
    drift: [],
    secretsDue: [],
    unmanaged: [],
    refusals: [],
    ...fields,
  };
}

/** A credential that is issued for a key without one. */
export function plannedCredential(fields: Partial<PlannedCredential> = {}): PlannedCredential {
  return {
    reason: "no-credential",
    deliver: [],
    confirms: false,
    unconfirmed: [],
    retires: [],
    makesRoom: false,
    ...fields,
  };
}

/** One change of every action, with drift, refusals and unmanaged keys. */
export function fullPlan(): Plan {
  return plan({
    changes: [
      updated({ action: "adopt", name: "by-hand", reason: "unmanaged", attributes: [], id: "key_3" }),
      created({
        name: "api",
        after: declaredSpec(
          spec({ description: "Calls from the API servers", algorithms: ["algo://acme/*"], labels: { team: "core" } }),
        ),
        credential: plannedCredential({ deliver: [{ to: "dotenv", file: ".env", name: "ALGORITHMIA_API_KEY" }] }),
      }),
      created({
        name: "widget",
        after: declaredSpec(
          spec({ origins: { native: false, web: { hosts: ["shop.example.com", "*.shop.example.com"] } } }),
        ),
      }),
      updated({
        action: "rename",
        name: "reports",
        nameBefore: "reporting",
        reason: "renamed",
        attributes: [],
        id: "key_4",
      }),
      updated({
        name: "web-frontend",
        attributes: [
          { path: "description", before: "Shop", after: "Shop and help pages", access: "none" },
          {
            path: "algorithms",
            before: ["algo://demos/sentiment_analysis"],
            after: ["algo://demos/*", "algo://acme/resize/1.2.*"],
            access: "widens",
          },
          { path: "origins.referrers", before: null, after: ["shop.example.com"], access: "narrows" },
          { path: "data", before: "readwrite", after: "read", access: "narrows" },
          { path: "expires", before: null, after: "2027-01-31T00:00:00Z", access: "narrows" },
          { path: "labels.team", before: "core", after: null, access: "none" },
        ],
        after: declaredSpec(spec({ description: "Shop and help pages", data: "read" })),
      }),
      updated({
        action: "issue",
        name: "worker",
        reason: "never-delivered",
        attributes: [],
        credential: plannedCredential({
          reason: "never-delivered",
          deliver: [{ to: "json", file: "secrets.json", name: "/worker/key" }],
          confirms: true,
          unconfirmed: [{ id: "cred_lost_0000000001", fingerprint: "3f9a12cd00112233" }],
        }),
        id: "key_5",
      }),
      updated({
        action: "issue",
        name: "yearly",
        reason: "rotation-due",
        attributes: [],
        after: declaredSpec(spec({ rotation: { every: "90d", overlap: "2d" } })),
        credential: plannedCredential({
          reason: "rotation-due",
          deliver: [{ to: "dotenv", file: ".env", name: "YEARLY_KEY" }],
          retires: ["cred_used_0000000001"],
        }),
        id: "key_6",
      }),
      deleted(),
    ],
    unchanged: 12,
    drift: [
      {
        name: "web-frontend",
        lastChange: { at: "2026-11-20T10:00:00Z", actor: "alice", project: null, changeSet: "cs_0000000000000001" },
        attributes: [{ path: "data", before: "readwrite", after: "read", access: "narrows" }],
      },
    ],
    secretsDue: [
      {
        name: "by-terminal",
        reason: "rotation-due",
        since: "2026-11-01T00:00:00.000Z",
        blocked: "no-delivery",
        until: null,
      },
      {
        name: "crowded",
        reason: "rotation-due",
        since: "2026-11-19T00:00:00.000Z",
        blocked: "too-many-credentials",
        until: "2026-11-21T00:00:00.000Z",
      },
    ],
    unmanaged: ["default-key"],
    refusals: [
      {
        code: "protected",
        keys: ["nightly"],
        summary: '"nightly" is protected and would be deleted',
        fix: "Declare it with `protect: false` and apply that; then remove it.",
      },
    ],
  });
}

/** So many changes, a third of each kind. */
export function hugePlan(count: number): Plan {
  const names = Array.from({ length: count }, (_, index) => `key-${String(index).padStart(5, "0")}`);
  const third = Math.floor(count / 3);
  return plan({
    changes: [
      ...names.slice(0, third).map((name) => created({ name })),
      ...names.slice(third, 2 * third).map((name) => updated({ name, id: name })),
      ...names.slice(2 * third).map((name) => deleted({ name, id: name })),
    ],
  });
}

export function diagnostic(fields: Partial<Diagnostic> = {}): Diagnostic {
  return {
    severity: "error",
    code: "invalid-value",
    summary: "data must be none, read or readwrite",
    fix: "Write readwrite.",
    path: ["keys", "web", "data"],
    range: {
      filename: "keys.yaml",
      start: { line: 12, column: 11, byte: 210 },
      end: { line: 12, column: 13, byte: 212 },
    },
    snippet: { line: "    data: rw" },
    ...fields,
  };
}

export function report(fields: Partial<ApplyReport> = {}): ApplyReport {
  return {
    formatVersion: 1,
    outcome: "applied",
    account: "acme",
    project: "storefront",
    changeSet: "cs_0000000000000001",
    revision: 9,
    changes: [
      { action: "create", name: "web", id: "key_1", revision: 8 },
      { action: "create", name: "api", id: "key_2", revision: 8 },
      { action: "update", name: "batch", id: "key_3", revision: 8 },
      { action: "delete", name: "nightly", id: "key_4", revision: 8 },
    ],
    unchanged: 12,
    secrets: [
      {
        key: "web",
        delivery: { to: "dotenv", file: ".env", name: "WEB_KEY" },
        fingerprint: "3f9a12cd00112233",
        status: "delivered",
        error: null,
      },
    ],
    withoutCredential: ["api"],
    withheld: [],
    error: null,
    ...fields,
  };
}

/** A report whose secret did not arrive. */
export function partReport(): ApplyReport {
  return report({
    outcome: "applied-in-part",
    secrets: [
      {
        key: "web",
        delivery: { to: "dotenv", file: ".env", name: "WEB_KEY" },
        fingerprint: "3f9a12cd00112233",
        status: "failed",
        error: ".env cannot be written: permission denied",
      },
    ],
    withoutCredential: [],
    error: { code: "delivery", message: "1 of 1 secrets did not arrive" },
  });
}

export function credential(fields: Partial<Credential> = {}): Credential {
  return {
    id: "cred_00000000000001",
    mask: `simAbCd${"*".repeat(21)}`,
    fingerprint: "3f9a12cd00112233",
    createdAt: "2026-11-01T08:00:00Z",
    acknowledgedAt: "2026-11-01T08:00:01Z",
    retiresAt: null,
    revokedAt: null,
    ...fields,
  };
}

export function apiKey(fields: Partial<ApiKey> = {}): ApiKey {
  return {
    id: "key_1",
    account: "acme",
    name: "web",
    spec: spec(),
    revision: 4,
    managedBy: { project: "storefront" },
    renamedFrom: null,
    createdAt: "2026-11-01T08:00:00Z",
    lastChange: { at: "2026-11-17T10:00:00Z", actor: "alice", project: "storefront", changeSet: "cs_0000000000000001" },
    deletedAt: null,
    credentials: [credential()],
    ...fields,
  };
}

/** Keys in every state. */
export function someKeys(): readonly ApiKey[] {
  return [
    apiKey({
      spec: spec({
        algorithms: ["algo://demos/sentiment_analysis", "algo://demos/summarizer/1.2.*"],
        origins: { native: false, web: { hosts: ["shop.example.com", "*.shop.example.com"] } },
        labels: { team: "core", note: "a b" },
        description: "Sentiment widget on the product page",
        expires: "2027-01-31T00:00:00Z",
        rotation: { every: "90d", overlap: "24h" },
      }),
      renamedFrom: "frontend",
      credentials: [
        credential({ id: "cred_00000000000000", retiresAt: "2026-11-21T12:00:00Z", fingerprint: "aa00bb11cc22dd33" }),
        credential(),
      ],
    }),
    apiKey({
      id: "key_2",
      name: "default-key",
      managedBy: null,
      credentials: [],
      spec: spec({ algorithms: ["algo://*"] }),
    }),
    apiKey({ id: "key_3", name: "nightly-batch", spec: spec({ protect: true, data: "readwrite", algorithms: [] }) }),
    apiKey({ id: "key_4", name: "paused", spec: spec({ enabled: false }) }),
    apiKey({ id: "key_5", name: "trial", spec: spec({ expires: "2026-11-01T00:00:00Z", management: true }) }),
    apiKey({ id: "key_6", name: "gone", deletedAt: "2026-11-19T00:00:00Z" }),
  ];
}

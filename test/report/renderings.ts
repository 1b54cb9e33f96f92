import type { ApplyEvent } from "../../src/apply/events.ts";
import { diagnosticsJson } from "../../src/report/diagnostics-json.ts";
import { diagnosticsMarkdown } from "../../src/report/diagnostics-markdown.ts";
import { diagnosticsText } from "../../src/report/diagnostics-text.ts";
import { decisionJson, decisionText } from "../../src/report/decision-text.ts";
import { placeFinding } from "../../src/report/place-finding.ts";
import { driftJson, driftText } from "../../src/report/drift-text.ts";
import { eventText } from "../../src/report/events-text.ts";
import { historyJson } from "../../src/report/history-json.ts";
import { historyText } from "../../src/report/history-text.ts";
import { keysJson } from "../../src/report/key-json.ts";
import { keysTable, keyText } from "../../src/report/key-text.ts";
import { planJson } from "../../src/report/plan-json.ts";
import { planMarkdown } from "../../src/report/plan-markdown.ts";
import { planText } from "../../src/report/plan-text.ts";
import { reportJson } from "../../src/report/report-json.ts";
import { reportMarkdown } from "../../src/report/report-markdown.ts";
import { reportText } from "../../src/report/report-text.ts";
import { revocationText } from "../../src/report/revocation-text.ts";
import { scanJson, scanText, type ScanFinding } from "../../src/report/scan-report.ts";
import type { Style } from "../../src/report/style.ts";
import {
  apiKey,
  created,
  credential,
  deleted,
  diagnostic,
  NOW,
  plan,
  plannedCredential,
  report,
  spec,
  updated,
} from "./builders.ts";
import { declaredSpec } from "../../src/core/declared-spec.ts";
import type { Delivery } from "../../src/core/delivery.ts";

/** Everything that every renderer prints when each name, value and message is `text`. */
export interface Renderings {
  readonly texts: readonly string[];
  readonly markdown: readonly string[];
  readonly json: readonly string[];
}

export function renderAll(text: string, style: Style): Renderings {
  const wide = spec({
    description: text,
    algorithms: [text],
    origins: { native: true, web: { hosts: [text] } },
    labels: { [text]: text },
    expires: text,
    rotation: { every: text, overlap: text },
  });
  const delivery = { to: "dotenv", file: text, name: text } as const;
  const places: readonly Delivery[] = [
    delivery,
    { to: "age", file: text, recipients: [text] },
    { to: "command", command: [text, text], env: [text] },
    { to: "command", command: [text], env: [], read: [text] },
    { to: "github-output", name: text },
  ];
  const change = { path: `labels.${text}`, before: text, after: text, access: "widens" } as const;
  const list = { path: "algorithms", before: [text], after: [text, text], access: "shifts" } as const;
  const origin = { at: text, actor: text, project: text, changeSet: text };
  const shownCredential = plannedCredential({
    reason: "rotation-due",
    deliver: [delivery],
    confirms: true,
    unconfirmed: [{ id: text, fingerprint: text }],
    retires: [text],
    makesRoom: true,
  });
  const due = { name: text, reason: "rotation-due", since: text, until: text } as const;
  const somePlan = plan({
    account: { name: text, action: "create", revision: 1 },
    project: text,
    platform: { url: text, instance: text },
    declaration: { files: [text], digest: text },
    changes: [
      updated({ action: "adopt", name: text, nameBefore: text, reason: "unmanaged" }),
      created({ name: text, after: declaredSpec(wide), credential: shownCredential }),
      created({ name: text, after: declaredSpec(wide), credential: plannedCredential({ deliver: places }) }),
      updated({ action: "rename", name: text, nameBefore: text, reason: "renamed" }),
      updated({ name: text, attributes: [change, list], after: declaredSpec(wide) }),
      updated({ action: "issue", name: text, after: declaredSpec(wide), credential: shownCredential }),
      deleted({ name: text, before: declaredSpec(wide) }),
    ],
    drift: [{ name: text, lastChange: origin, attributes: [change] }],
    secretsDue: [
      { ...due, blocked: "no-delivery" },
      { ...due, blocked: "too-many-credentials" },
    ],
    unmanaged: [text, text],
    refusals: [{ code: "protected", keys: [text], summary: text, fix: text }],
  });
  const emptyPlan = plan({ account: { name: text, action: "create", revision: 0 }, project: text });
  const range = {
    filename: text,
    start: { line: 1, column: 2, byte: 1 },
    end: { line: 1, column: Math.max(3, text.length - 1), byte: 2 },
  };
  const diagnostics = [
    diagnostic({
      summary: text,
      detail: `${text}\n${text}`,
      fix: text,
      path: ["keys", text, 0],
      range,
      snippet: { line: text },
      related: [{ message: text, range }],
    }),
  ];
  const secret = { key: text, delivery, fingerprint: text, error: text } as const;
  const someReport = report({
    outcome: "applied-in-part",
    account: text,
    project: text,
    changeSet: text,
    changes: [{ action: "create", name: text, id: text, revision: 1 }],
    secrets: [
      { ...secret, status: "delivered" },
      { ...secret, status: "confirmed" },
      { ...secret, status: "failed" },
      { ...secret, status: "unconfirmed", delivery: null },
      ...places.map((place) => ({ ...secret, status: "delivered", delivery: place }) as const),
    ],
    withoutCredential: [text],
    withheld: [{ key: text, why: text }],
    error: { code: "delivery", message: text },
  });
  const events: readonly ApplyEvent[] = [
    { type: "apply-started", changes: 1 },
    { type: "account-created", account: text },
    { type: "committed", changeSet: text, revision: 1, changes: 1 },
    { type: "secret-delivered", key: text, delivery, fingerprint: text },
    { type: "secret-revealed", key: text, fingerprint: text },
    { type: "delivery-failed", key: text, delivery, error: text },
    { type: "acknowledged", keys: [text, text] },
  ];
  const key = apiKey({
    id: text,
    account: text,
    name: text,
    spec: wide,
    managedBy: { project: text },
    renamedFrom: text,
    createdAt: text,
    deletedAt: text,
    lastChange: origin,
    credentials: [credential({ id: text, mask: text, fingerprint: text, createdAt: text, retiresAt: text })],
  });
  const history = [
    {
      id: text,
      revision: 1,
      committedAt: text,
      actor: text,
      from: text,
      address: text,
      project: text,
      message: text,
      changes: (["create", "update", "revoke-credential", text] as const).map((action) => ({
        action,
        id: text,
        name: text,
        nameBefore: text,
        credential: text,
        attributes: [change, list],
        ownership: { before: text, after: text },
      })),
    },
  ];
  const drift = {
    project: text,
    since: origin,
    drift: [{ name: text, lastChange: origin, attributes: [change, list] }],
    outside: [{ name: text, what: text, advice: text, origin }],
    places: (["nothing", "ended-secret", "something-else", "unreadable"] as const).map((holds) =>
      placeFinding(text, { to: "dotenv", file: text, name: text }, holds),
    ),
    isWritable: true,
  };
  const [newest] = key.credentials;
  const gone = newest === undefined ? [] : [newest];
  const revocation = { key, gone, kept: gone, lastUse: { at: text, isCounted: true } };
  const scope = { files: 1, commits: 1, asked: true, account: text };
  const token = { file: text, line: 1, column: 2, mask: text, fingerprint: text, key: text, credential: text } as const;
  const findings: readonly ScanFinding[] = [
    { ...token, commit: null, kind: "caller", state: "live" },
    { ...token, commit: text, kind: "caller", state: "ended" },
    { ...token, commit: text, kind: "caller", state: "unknown" },
    { ...token, commit: text, kind: "admin", state: "live" },
    { ...token, commit: text, kind: "admin", state: "unknown" },
  ];
  const question = { key: text, call: text, data: text, origin: text };
  const deny = { effect: "deny", reason: "no_match", status: 403 } as const;
  const notListed = { effect: "deny", reason: "not_in_list", status: 403 } as const;
  return {
    texts: [
      planText(somePlan, style, { full: true, now: NOW }),
      planText(somePlan, style),
      planText(emptyPlan, style),
      diagnosticsText(diagnostics, style),
      reportText(someReport, style),
      ...events.map((event) => eventText(event, style)),
      keysTable([key], style, NOW),
      keyText(key, style, NOW),
      decisionText(question, deny, style),
      decisionText(question, notListed, style),
      decisionText(question, { effect: "allow", reason: "any" }, style),
      historyText(history, style, NOW),
      driftText(drift, style, NOW),
      revocationText(revocation, style, NOW),
      scanText(findings, scope, style),
    ],
    markdown: [
      planMarkdown(somePlan),
      planMarkdown(emptyPlan),
      reportMarkdown(someReport),
      diagnosticsMarkdown(diagnostics),
    ],
    json: [
      planJson(somePlan),
      reportJson(someReport),
      diagnosticsJson(diagnostics),
      keysJson([key], NOW),
      decisionJson(question, deny),
      historyJson(text, history, true),
      driftJson(drift),
      scanJson(findings, scope),
    ],
  };
}

import type { Delivery } from "../core/delivery.ts";
import { PLAN_ACTIONS } from "./plan.ts";

/** Gives the path of the first thing that is wrong, or undefined. */
type Check = (value: unknown, path: string) => string | undefined;

/**
 * Checks that parsed JSON has the shape of a plan, all of it and nothing besides; gives the path of the first thing
 * that is wrong. Written by hand because `plan` imports no packages; `schemas/plan.schema.json` says the same in public.
 */
export function planShapeProblem(value: unknown): string | undefined {
  return plan(value, "plan");
}

const is =
  (test: (value: unknown) => boolean): Check =>
  (value, path) =>
    test(value) ? undefined : path;

const text = is((value) => typeof value === "string");
const flag = is((value) => typeof value === "boolean");
const count = is((value) => Number.isSafeInteger(value) && Number(value) >= 0);
const instant = is((value) => typeof value === "string" && !Number.isNaN(Date.parse(value)));

function oneOf(...values: readonly unknown[]): Check {
  return is((value) => values.includes(value));
}

function nullOr(check: Check): Check {
  return (value, path) => (value === null ? undefined : check(value, path));
}

function listOf(check: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value)) return path;
    for (const [index, entry] of value.entries()) {
      const wrong = check(entry, `${path}[${String(index)}]`);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
}

/** An object with exactly these properties; those whose name ends in `?` may be left out. */
function shape(fields: Readonly<Record<string, Check>>): Check {
  const checks = new Map(Object.entries(fields).map(([name, check]) => [name.replace("?", ""), check]));
  const needed = Object.keys(fields).filter((name) => !name.endsWith("?"));
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return path;
    const missing = needed.find((name) => !Object.hasOwn(value, name));
    if (missing !== undefined) return `${path}.${missing}`;
    for (const [name, inner] of Object.entries(value)) {
      const check = checks.get(name);
      const wrong = check === undefined ? `${path}.${name}` : check(inner, `${path}.${name}`);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
}

/** An object of any names, every value of one kind. */
function recordOf(check: Check): Check {
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return path;
    return listOf(check)(Object.values(value), path);
  };
}

const spec = shape({
  "description?": text,
  "algorithms?": listOf(text),
  "origins?": shape({ "native?": flag, "web?": flag, "referrers?": listOf(text) }),
  "data?": oneOf("none", "read", "readwrite"),
  "management?": flag,
  "enabled?": flag,
  "expires?": nullOr(instant),
  "protect?": flag,
  "labels?": recordOf(text),
  "rotation?": nullOr(shape({ every: text, "overlap?": text })),
});

const deliveries: Readonly<Record<Delivery["to"], Check>> = {
  dotenv: shape({ to: text, file: text, name: text }),
  json: shape({ to: text, file: text, name: text }),
  age: shape({ to: text, file: text, recipients: listOf(text) }),
  command: shape({ to: text, command: listOf(text), env: listOf(text), "read?": listOf(text) }),
  "github-env": shape({ to: text, name: text }),
  "github-output": shape({ to: text, name: text }),
};
const delivery: Check = (value, path) => {
  const to = typeof value === "object" && value !== null && "to" in value ? value.to : undefined;
  const check = Object.entries(deliveries).find(([kind]) => kind === to)?.[1];
  return check === undefined ? `${path}.to` : check(value, path);
};
const credentialReason = ["no-credential", "never-delivered", "rotation-due", "rotation-asked"];
const credential = nullOr(
  shape({
    reason: oneOf(...credentialReason),
    deliver: listOf(delivery),
    confirms: flag,
    unconfirmed: listOf(shape({ id: text, fingerprint: text })),
    retires: listOf(text),
    makesRoom: flag,
  }),
);

const attributeValue: Check = (value, path) =>
  value === null || typeof value === "string" || typeof value === "boolean" ? undefined : listOf(text)(value, path);

const attributes = listOf(
  shape({
    path: text,
    before: attributeValue,
    after: attributeValue,
    access: oneOf("none", "widens", "narrows", "shifts"),
  }),
);

const onKey = { id: text, revision: count, name: text };
const create = shape({
  action: oneOf("create"),
  name: text,
  reason: oneOf("not-live"),
  "renamedFrom?": text,
  after: spec,
  credential,
});
const remove = shape({ ...onKey, action: oneOf("delete"), reason: oneOf("not-declared", "undone"), before: spec });
const update = shape({
  ...onKey,
  action: oneOf(...PLAN_ACTIONS.filter((action) => action !== "create" && action !== "delete")),
  nameBefore: nullOr(text),
  reason: oneOf(...["unmanaged", "managed-elsewhere", "deleted", "renamed", "differs", "undone"], ...credentialReason),
  "takenFrom?": text,
  attributes,
  after: spec,
  credential,
});

const change: Check = (value, path) => {
  const action = typeof value === "object" && value !== null && "action" in value ? value.action : undefined;
  if (action === "create") return create(value, path);
  return action === "delete" ? remove(value, path) : update(value, path);
};

const origin = shape({ at: instant, actor: text, project: nullOr(text), changeSet: text });

const plan = shape({
  formatVersion: oneOf(1),
  createdAt: instant,
  platform: shape({ url: text, instance: text }),
  account: shape({ name: text, action: oneOf("none", "create"), revision: count }),
  project: text,
  declaration: shape({ files: listOf(text), digest: text }),
  "undoes?": text,
  "part?": oneOf("rotate", "restore", "revert"),
  changes: listOf(change),
  unchanged: count,
  drift: listOf(shape({ name: text, lastChange: origin, attributes })),
  secretsDue: listOf(
    shape({
      name: text,
      reason: oneOf(...credentialReason),
      since: nullOr(instant),
      blocked: oneOf("no-delivery", "too-many-credentials"),
      until: nullOr(instant),
    }),
  ),
  unmanaged: listOf(text),
  refusals: listOf(
    shape({
      code: oneOf(
        "protected",
        "too-many-deletes",
        "self-lockout",
        "foreign-key",
        "unmanaged-key",
        "blocked-rename",
        "renamed-elsewhere",
        "changed-since",
        "unknown-rename",
      ),
      keys: listOf(text),
      summary: text,
      fix: text,
    }),
  ),
});

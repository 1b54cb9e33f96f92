import type { ChangeSet, KeyChange } from "../../api/change-set.ts";
import type { ListQuery } from "../../api/key-api.ts";
import { MalformedRequest } from "../../api/problem.ts";
import { BODY_LIMITS, HEADERS, keyEtag, keyPath } from "../../api/routes.ts";
import { patchedSpec, readKeyPatch, readNewKey } from "../../api/wire-requests.ts";
import { wireKey, wireKeyPage } from "../../api/wire.ts";
import type { KeyId } from "../../core/api-key.ts";
import { canonicalJson } from "../../core/canonical.ts";
import { parseInstant } from "../../core/instant.ts";
import { readPage } from "../cursor.ts";
import { changeSetId, expectedRevision, isHeld, pageEtag } from "./conditional.ts";
import { readPageQuery, type Answer, type Call, type Route } from "./route.ts";

/** What a key was used for since some hour, as JSON. */
export type ReadUsage = (key: KeyId, since: string) => Promise<unknown>;

/** What the routes of keys need beside the call. */
export interface KeyRouteParts {
  readonly readUsage: ReadUsage;
  /** The time in milliseconds since 1970. */
  readonly clock: () => number;
  readonly randomId: () => string;
}

/** What usage is told of if the client does not say since when. */
const USAGE_MS = 30 * 86_400_000;

/** The routes of an account's keys. Those that write commit a change set of length 1. */
export function keyRoutes(parts: KeyRouteParts): readonly Route[] {
  const { readUsage, clock, randomId } = parts;
  const keys = "/v2/accounts/{account}/keys";
  const key = `${keys}/{id}`;

  /** Commits one change, and answers with its key as it is then. */
  async function commitOne(
    call: Call,
    change: KeyChange,
    facts: Pick<ChangeSet, "project" | "message" | "asked"> = { project: null, message: "" },
  ): Promise<Answer> {
    const id = changeSetId(call.headers, randomId);
    const { replayed, results } = await call.api.commit(call.account, { id, ...facts, changes: [change] }, call);
    const told = await call.api.getKey(call.account, results[0]?.id ?? call.id, call);
    const made = change.action === "create" ? { location: keyPath(told.account, told.id) } : {};
    const headers = { etag: keyEtag(told), ...made, ...(replayed ? { [HEADERS.replayed]: "true" } : {}) };
    return { status: change.action === "create" ? 201 : 200, body: wireKey(told), headers };
  }

  async function commitOnKey(call: Call, action: "delete" | "restore"): Promise<Answer> {
    const revision = expectedRevision(call.headers, call.id);
    await call.api.getKey(call.account, call.id, call); // one that is not there is not found, rather than stale
    return await commitOne(call, { action, id: call.id, revision });
  }

  return [
    {
      method: "GET",
      path: keys,
      query: ["limit", "cursor", "state"],
      handle: async (call) => {
        const query = readListQuery(call.query);
        const etagAt = (revision: number): string => pageEtag(revision, query, clock());
        if (call.headers.has(HEADERS.ifNoneMatch)) {
          readPage(query.state ?? "live", query); // what is asked wrongly is not answered by a tag
          const etag = etagAt((await call.api.getAccount(call.account, call)).revision);
          if (isHeld(call.headers, etag)) return { status: 304, headers: { etag } };
        }
        const page = await call.api.listKeys(call.account, query, call);
        return { status: 200, body: wireKeyPage(page), headers: { etag: etagAt(page.revision) } };
      },
    },
    {
      method: "POST",
      path: keys,
      body: BODY_LIMITS.other,
      handle: async (call) => {
        const { name, spec, managedBy, credential, ...facts } = readNewKey(call.body);
        return await commitOne(call, { action: "create", name, spec, managedBy, credential }, facts);
      },
    },
    {
      method: "GET",
      path: key,
      handle: async (call) => {
        const told = await call.api.getKey(call.account, call.id, call);
        const etag = keyEtag(told);
        if (isHeld(call.headers, etag)) return { status: 304, headers: { etag } };
        return { status: 200, body: wireKey(told), headers: { etag } };
      },
    },
    {
      method: "PATCH",
      path: key,
      body: BODY_LIMITS.other,
      handle: async (call) => {
        const { id } = call;
        const revision = expectedRevision(call.headers, id);
        const { spec, name, managedBy, ...facts } = readKeyPatch(call.body);
        // What the patch makes depends on what is live: a repetition is known by what was asked.
        const asked = canonicalJson({ id, revision, patch: call.body });
        const before = await call.api.getKey(call.account, id, call);
        const change = {
          action: "update" as const,
          id,
          revision,
          ...(name === undefined ? {} : { name }),
          ...(managedBy === undefined ? {} : { managedBy }),
          ...(spec === undefined ? {} : { spec: patchedSpec(before.spec, spec) }),
        };
        return await commitOne(call, change, { ...facts, asked });
      },
    },
    { method: "DELETE", path: key, handle: (call) => commitOnKey(call, "delete") },
    { method: "POST", path: `${key}/restore`, handle: (call) => commitOnKey(call, "restore") },
    {
      method: "GET",
      path: `${key}/usage`,
      query: ["since"],
      handle: async (call) => {
        const since = call.query["since"] ?? parseInstant(new Date(clock() - USAGE_MS).toISOString()) ?? "";
        if (parseInstant(since) !== since)
          throw new MalformedRequest("since must be an instant such as 2027-01-31T00:00:00Z.");
        const { id } = await call.api.getKey(call.account, call.id, call);
        return { status: 200, body: await readUsage(id, since) };
      },
    },
  ];
}

function readListQuery(query: Call["query"]): ListQuery {
  const { state } = query;
  const page = readPageQuery(query);
  if (state === undefined) return page;
  if (state !== "live" && state !== "deleted") throw new MalformedRequest("state must be live or deleted.");
  return { ...page, state };
}

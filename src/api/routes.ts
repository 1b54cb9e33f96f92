import type { KeyId } from "../core/api-key.ts";
import type { ListQuery, PageQuery } from "./key-api.ts";

/** The root of the management API; `schemas/key-api.openapi.json` describes every route below it. */
export const API_ROOT = "/v2";

/** Routes without variable parts. `metrics` alone stands outside {@link API_ROOT}, where collectors look for it. */
export const ROUTES = {
  platform: `${API_ROOT}/platform`,
  whoami: `${API_ROOT}/whoami`,
  accounts: `${API_ROOT}/accounts`,
  adminKeys: `${API_ROOT}/admin-keys`,
  verify: `${API_ROOT}/verify`,
  live: `${API_ROOT}/health/live`,
  ready: `${API_ROOT}/health/ready`,
  openapi: `${API_ROOT}/openapi.json`,
  metrics: "/metrics",
} as const;

/** Headers of the wire form, in the spelling in which they are looked for: lower case. */
export const HEADERS = {
  /** Of a single-key route: the id of the change set that it commits, so that a repetition changes nothing. */
  idempotencyKey: "idempotency-key",
  /** Of its answer: `true` if that id was committed before and this is the first result again. */
  replayed: "idempotent-replayed",
  /** Names the request in logs and in problems. */
  requestId: "x-request-id",
  retryAfter: "retry-after",
  ifMatch: "if-match",
  ifNoneMatch: "if-none-match",
  etag: "etag",
} as const;

/** How much of a body is read, in bytes: 10,000 created keys are one change set, everything else is one thing. */
export const BODY_LIMITS = { changeSet: 32 * 1024 * 1024, other: 64 * 1024 } as const;

/** How deep lists and objects of a body may nest. */
export const JSON_DEPTH = 16;

/** The form of keys' ids. */
export const KEY_ID_PATTERN = /^[A-Za-z0-9_-]{1,64}$/;

/** The path of an account. */
export function accountPath(account: string): string {
  return `${ROUTES.accounts}/${encodeURIComponent(account)}`;
}

/** The path of an account's keys, without a query. */
export function keysPath(account: string): string {
  return `${accountPath(account)}/keys`;
}

/** The path of one page of an account's keys. */
export function keyPagePath(account: string, query: ListQuery): string {
  return withQuery(keysPath(account), { limit: String(query.limit), cursor: query.cursor, state: query.state });
}

/** The path of one key. */
export function keyPath(account: string, id: KeyId): string {
  return `${keysPath(account)}/${encodeURIComponent(id)}`;
}

/** The path that brings a deleted key back. */
export function restorePath(account: string, id: KeyId): string {
  return `${keyPath(account, id)}/restore`;
}

/** The path of a key's usage. */
export function usagePath(account: string, id: KeyId): string {
  return `${keyPath(account, id)}/usage`;
}

/** The path of an account's change sets, without a query. */
export function changeSetsPath(account: string): string {
  return `${accountPath(account)}/change-sets`;
}

/** The path of one page of an account's history. */
export function changeSetPagePath(account: string, query: PageQuery): string {
  return withQuery(changeSetsPath(account), { limit: String(query.limit), cursor: query.cursor });
}

/** The path of a change set's changes, without a query. */
export function changesPath(account: string, changeSet: string): string {
  return `${changeSetsPath(account)}/${encodeURIComponent(changeSet)}/changes`;
}

/** The path of one page of a change set's changes. */
export function changePagePath(account: string, changeSet: string, query: PageQuery): string {
  return withQuery(changesPath(account, changeSet), { limit: String(query.limit), cursor: query.cursor });
}

/** The path where the lease of an account's project is taken. */
export function leasesPath(account: string): string {
  return `${accountPath(account)}/leases`;
}

/** The path that extends a lease. */
export function renewLeasePath(account: string): string {
  return `${leasesPath(account)}/renew`;
}

/** The path that gives a lease back. */
export function releaseLeasePath(account: string): string {
  return `${leasesPath(account)}/release`;
}

/** The path of one admin key. */
export function adminKeyPath(id: string): string {
  return `${ROUTES.adminKeys}/${encodeURIComponent(id)}`;
}

/** The entity tag of a key: it changes with every change of the key, and no other key ever bears it. */
export function keyEtag(key: { readonly id: KeyId; readonly revision: number }): string {
  return `"${key.id}.${key.revision}"`;
}

/** The id and the revision that one strong entity tag states; undefined for a weak one, a list, `*` and anything else. */
export function readKeyEtag(etag: string): { readonly id: KeyId; readonly revision: number } | undefined {
  const [, id, revision] = /^"([A-Za-z0-9_-]{1,64})\.(0|[1-9]\d{0,14})"$/.exec(etag) ?? [];
  return id === undefined ? undefined : { id, revision: Number(revision) };
}

function withQuery(path: string, fields: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) query.append(name, value);
  return `${path}?${query.toString()}`;
}

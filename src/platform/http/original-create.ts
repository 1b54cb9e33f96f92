import { createHash } from "node:crypto";
import { KeyApiError } from "../../api/errors.ts";
import { MAX_PAGE, type KeyApi, type CallOptions } from "../../api/key-api.ts";
import type { CommitResult, NewCredential } from "../../api/change-set.ts";
import type { ApiKey } from "../../core/api-key.ts";
import { nameKey } from "../../core/key-name.ts";
import { DEFAULT_SPEC } from "../../core/key-spec.ts";
import { makeToken, tokenDigest, tokenFingerprint, tokenMask, type RandomBytes } from "../../core/token.ts";
import { freeName, nameOfLabel, originalKey, originalLabels, type OriginalKey } from "./original-key.ts";
import type { OriginalRequest } from "./original-request.ts";

/** A key to be made, and for whom. */
export interface OriginalCreation extends OriginalRequest {
  readonly account: string;
  /** The member that it is made for; undefined for the account itself. */
  readonly assignee: string | undefined;
}

/** How often a name is looked for anew because somebody else took it meanwhile. */
const ATTEMPTS = 20;

/** 96 random bits: ids are drawn without asking, so they must never meet. */
const ID_BYTES = 12;

/**
 * Makes a key for a client of the original: the platform draws the token here (an import brings its own), registers its
 * digest, and shows it in this answer only. A name that is taken gets a number. The credential counts as delivered,
 * since such clients cannot confirm it; else an apply that adopts the key would take it for lost and revoke it.
 */
export async function createOriginalKey(
  api: KeyApi,
  creation: OriginalCreation,
  { random, clock }: { readonly random: RandomBytes; readonly clock: () => number },
  call: CallOptions,
): Promise<OriginalKey> {
  const newId = (): string => `original-${Buffer.from(random(ID_BYTES)).toString("hex")}`;
  const { name: account } = await api.getAccount(creation.account, call);
  const token = creation.token ?? makeToken("caller", random);
  const credential = { id: newId(), digest: tokenDigest(token, sha256), mask: tokenMask(token) };
  const { spec, result } = await commitUnderFreeName(api, { ...creation, account }, credential, newId, call);
  const made = result.results[0];
  if (made === undefined) throw new Error("a change set of one change has no result");
  await acknowledge(api, account, made.id, credential.id, newId());
  const key = { account, name: made.name, spec, createdAt: result.committedAt };
  return originalKey({ ...key, credentials: [toldCredential(credential, result)] }, clock(), token);
}

async function commitUnderFreeName(
  api: KeyApi,
  creation: OriginalCreation,
  credential: NewCredential,
  newId: () => string,
  call: CallOptions,
): Promise<{ readonly spec: ApiKey["spec"]; readonly result: CommitResult }> {
  const { account, label, assignee, access } = creation;
  const wanted = nameOfLabel(label);
  let name = wanted;
  for (let attempt = 1; ; attempt += 1) {
    const spec = { ...DEFAULT_SPEC, ...access, labels: originalLabels(name, label, assignee) };
    const change = { action: "create", name, spec, managedBy: null, credential } as const;
    const message = creation.token === undefined ? "Made by an original client" : "Imported by an original client";
    try {
      return {
        spec,
        result: await api.commit(account, { id: newId(), project: null, message, changes: [change] }, call),
      };
    } catch (error) {
      if (attempt === ATTEMPTS || !isNameTaken(error)) throw error;
      name = freeName(wanted, await takenNames(api, account, call));
    }
  }
}

/** Without it the credential works all the same, so its failure must not cost the caller the token. */
async function acknowledge(
  api: KeyApi,
  account: string,
  id: string,
  credential: string,
  changeSet: string,
): Promise<void> {
  const changes = [{ action: "acknowledge", id, credential }] as const;
  try {
    await api.commit(account, { id: changeSet, project: null, message: "Shown to an original client", changes });
  } catch (error) {
    if (!(error instanceof KeyApiError)) throw error;
  }
}

async function takenNames(api: KeyApi, account: string, call: CallOptions): Promise<ReadonlySet<string>> {
  const keys = await allKeys(api, account, call);
  return new Set(keys.map((key) => nameKey(key.name)));
}

/** Every live key of an account, in the order of their making: the original's listings have no pages. */
export async function allKeys(api: KeyApi, account: string, call: CallOptions): Promise<readonly ApiKey[]> {
  const keys: ApiKey[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await api.listKeys(account, { limit: MAX_PAGE, cursor }, call);
    keys.push(...page.keys);
    cursor = page.nextCursor;
  }
  return keys;
}

function isNameTaken(error: unknown): boolean {
  return error instanceof KeyApiError && error.problems.some(({ code }) => code === "name-taken");
}

function toldCredential(
  { id, digest, mask }: NewCredential,
  { committedAt }: CommitResult,
): ApiKey["credentials"][number] {
  const life = { createdAt: committedAt, acknowledgedAt: committedAt, retiresAt: null, revokedAt: null };
  return { id, mask, fingerprint: tokenFingerprint(digest), ...life };
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

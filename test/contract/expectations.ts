import { expect } from "vitest";
import type { ChangeSet } from "../../src/api/change-set.ts";
import { KeyApiError } from "../../src/api/errors.ts";
import { MAX_PAGE, type KeyApi } from "../../src/api/key-api.ts";
import type { ApiKey } from "../../src/core/api-key.ts";

/** The `KeyApiError` that a call ends with; the test fails if it ends otherwise. */
export async function failure(call: Promise<unknown>): Promise<KeyApiError> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (!("error" in outcome)) return expect.fail("the call was not refused");
  if (outcome.error instanceof KeyApiError) return outcome.error;
  throw outcome.error;
}

/** Commits a change set that must be refused; gives the error's code and each problem as `change:code`. */
export async function refusalOf(api: KeyApi, changeSet: ChangeSet): Promise<readonly string[]> {
  const error = await failure(api.commit("acme", changeSet));
  return [error.code, ...error.problems.map(({ change, code }) => `${change}:${code}`)];
}

/** Every live key of `acme`, read page by page. */
export async function allKeys(api: KeyApi, state: "live" | "deleted" = "live", limit = MAX_PAGE): Promise<ApiKey[]> {
  const keys: ApiKey[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.listKeys("acme", { limit, state, cursor });
    keys.push(...page.keys);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return keys;
}

/** The live key of that name in `acme`. */
export async function keyNamed(api: KeyApi, name: string): Promise<ApiKey> {
  const key = (await allKeys(api)).find((candidate) => candidate.name === name);
  return key ?? expect.fail(`there is no key ${name}`);
}

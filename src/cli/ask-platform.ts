import { KeyApiError } from "../api/errors.ts";
import type { ApiKey } from "../core/api-key.ts";
import type { Secret } from "../core/secret.ts";
import { readAccount, type AccountInput } from "./account.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { describeFailure, type DescribedFailure } from "./failure.ts";
import { listDeletedKeys, withExistingPlatform } from "./platform.ts";
import { platformUrl } from "./platform-url.ts";
import type { ScannedToken } from "./token-scanner.ts";

/** What a platform told of tokens that were found. What it was not asked, or could not answer, is undefined. */
export interface PlatformAnswers {
  /** The keys of one account, deleted ones too: the tokens of others stay unknown. */
  readonly callers: { readonly account: string; readonly keys: readonly ApiKey[] } | undefined;
  /** The names of the admin keys that it lets in, by their tokens. */
  readonly admins: ReadonlyMap<string, string> | undefined;
  /** Why it could not answer. */
  readonly failures: readonly DescribedFailure[];
}

/** What is known of tokens where no platform is asked. */
export const NO_ANSWERS: PlatformAnswers = { callers: undefined, admins: undefined, failures: [] };

/**
 * Asks the platform which of the tokens work. A platform that cannot answer ends nothing: what was found is to be told
 * whatever else fails.
 */
export async function askPlatform(
  tokens: readonly ScannedToken[],
  input: AccountInput,
  context: Context,
): Promise<PlatformAnswers> {
  const failures: DescribedFailure[] = [];
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      const failure = describeFailure(error, context.signal);
      if (failure === undefined || failure.exitCode === EXIT.cancelled) throw error;
      if (failures.every(({ summary }) => summary !== failure.summary)) failures.push(failure);
      return undefined;
    }
  };
  const admins = tokens.filter(({ kind }) => kind === "admin").map(({ secret }) => secret);
  const [callers, names] = await Promise.all([
    admins.length === tokens.length ? undefined : attempt(() => accountKeys(input, context)),
    admins.length === 0 ? undefined : attempt(() => adminNames(admins, input, context)),
  ]);
  return { callers, admins: names, failures };
}

async function accountKeys(input: AccountInput, context: Context): Promise<PlatformAnswers["callers"]> {
  const { account, keys } = await readAccount(input, context);
  const deleted = await listDeletedKeys(platformUrl(input, context), account.name, context);
  return { account: account.name, keys: [...keys, ...deleted] };
}

/** Shows each token to the platform as its holder would. */
async function adminNames(
  tokens: readonly Secret[],
  input: AccountInput,
  context: Context,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  await withExistingPlatform(platformUrl(input, context), context, async ({ authenticate }) => {
    for (const token of new Map(tokens.map((one) => [one.reveal(), one])).values()) {
      try {
        names.set(token.reveal(), (await authenticate(token)).actor);
      } catch (error) {
        if (!(error instanceof KeyApiError && error.code === "unauthenticated")) throw error;
      }
    }
  });
  return names;
}

import { DEFAULT_KEY_NAME } from "../../core/key-spec.ts";
import { makeToken, tokenDigest, tokenMask } from "../../core/token.ts";
import { KeyApiError } from "../../api/errors.ts";
import type { KeyApi, NewAccount } from "../../api/key-api.ts";
import { checkAccountName } from "../check-name.ts";
import { newId } from "../carry-out.ts";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CommandFailure } from "../failure.ts";
import type { GlobalOptions } from "../options.ts";
import { sha256 } from "../plan-input.ts";
import { withPlatform } from "../platform.ts";
import { platformUrl } from "../platform-url.ts";
import { sentence } from "../../report/shown.ts";

interface CreateInput extends GlobalOptions {
  readonly name: string;
  readonly reveal?: boolean;
  /** False with `--no-credential`. */
  readonly credential: boolean;
}

/** `algokeys account create`: makes an account with its default-key, whose secret is shown here and never again. */
export async function accountCreate(input: CreateInput, context: Context): Promise<ExitCode> {
  checkAccountName("account", input.name);
  const url = platformUrl(input, context);
  if (input.credential && input.reveal !== true && context.stdout.isTTY !== true) {
    throw new CommandFailure(
      EXIT.usage,
      `${DEFAULT_KEY_NAME}'s secret would be written to something that is no terminal`,
      {
        fix: "Add --reveal to write it there, or --no-credential to make the key without a secret.",
      },
    );
  }
  if (!input.credential) {
    await withPlatform(url, context, ({ api }) =>
      makeAccount(api, { name: input.name, defaultKey: "without-credential" }, context),
    );
    context.stdout.write(sentence`Made account ${input.name} with ${DEFAULT_KEY_NAME}, which has no secret yet.\n`);
    return EXIT.ok;
  }
  const token = makeToken("caller", context.random);
  const digest = tokenDigest(token, sha256);
  const credential = { id: newId(context), digest, mask: tokenMask(token) };
  await withPlatform(url, context, async ({ api }) => {
    await makeAccount(api, { name: input.name, defaultKey: credential }, context);
    context.stdout.write(
      sentence`Made account ${input.name} with ${DEFAULT_KEY_NAME}. Its secret, shown this once:` +
        `\n\n  ${token.reveal()}\n\n` +
        "It may call every algorithm and read and write all data: keep it to yourself, and declare a key per application.\n",
    );
    const { keys } = await api.listKeys(input.name, { limit: 1 });
    const [key] = keys;
    if (key === undefined) return;
    const acknowledge = { action: "acknowledge", id: key.id, credential: credential.id } as const;
    const message = `${DEFAULT_KEY_NAME} shown to its maker`;
    await api.commit(input.name, { id: newId(context), project: null, message, changes: [acknowledge] });
  });
  return EXIT.ok;
}

async function makeAccount(api: KeyApi, account: NewAccount, context: Context): Promise<void> {
  try {
    await api.createAccount(account, { signal: context.signal });
  } catch (error) {
    if (!(error instanceof KeyApiError) || error.code !== "conflict") throw error;
    throw new CommandFailure(EXIT.error, `there is an account ${account.name} already; it is left as it is`, {
      fix: `See its keys with: algokeys keys list --account ${account.name}; or choose another name.`,
    });
  }
}

import { parseInstant } from "../../core/instant.ts";
import { nameKey } from "../../core/key-name.ts";
import { makeToken, tokenDigest, tokenMask } from "../../core/token.ts";
import { adminKeys, type AdminKey, type AdminKeys } from "../../platform/admin-keys.ts";
import { openStore } from "../../platform/store/open-store.ts";
import { unseal } from "../../platform/unseal.ts";
import { jsonDocument, sentence, shown } from "../../report/shown.ts";
import { tableLines } from "../../report/text-table.ts";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CommandFailure } from "../failure.ts";
import type { GlobalOptions } from "../options.ts";
import { styleFor } from "../output.ts";
import { sha256 } from "../plan-input.ts";
import { storeInput, type StoreInput } from "../store-input.ts";

interface AdminInput extends GlobalOptions, StoreInput {}

interface CreateInput extends AdminInput {
  readonly name: string;
  readonly role: AdminKey["role"];
  readonly account?: string;
  readonly expires?: string;
  readonly reveal?: boolean;
}

/**
 * `algokeys admin create-key`: makes a credential of the management API on the server's own store, so that the first one
 * needs none. Its token is shown here and never again; where standard output is no terminal, it holds the token alone.
 */
export async function adminCreateKey(input: CreateInput, context: Context): Promise<ExitCode> {
  const onTerminal = context.stdout.isTTY === true;
  if (!onTerminal && input.reveal !== true) {
    throw new CommandFailure(EXIT.usage, "the admin key would be written to something that is no terminal", {
      fix: "Add --reveal to write it there, such as to a file that only you can read.",
    });
  }
  const expires = input.expires === undefined ? null : expiryOf(input.expires);
  const token = makeToken("admin", context.random);
  const { name, role, account = null } = input;
  const made = { name, role, account, expires, mask: tokenMask(token), digest: tokenDigest(token, sha256) };
  const key = await withAdminKeys(input, context, (keys) => keys.create(made));
  const opens = key.account === null ? "every account" : `account ${key.account}`;
  const until = key.expiresAt === null ? "" : ` until ${key.expiresAt}`;
  const about = sentence`Made admin key ${key.name}: ${key.role} of ${opens}${until}.`;
  if (onTerminal) {
    context.stdout.write(`${about} Shown this once:\n\n  ${token.reveal()}\n\nGive it to a run as ALGOKEYS_TOKEN.\n`);
  } else {
    context.stdout.write(`${token.reveal()}\n`);
    context.stderr.write(`${about}\n`);
  }
  return EXIT.ok;
}

/** `algokeys admin list-keys`: every admin key, revoked ones too. */
export async function adminListKeys(
  input: AdminInput & { readonly json?: boolean },
  context: Context,
): Promise<ExitCode> {
  const keys = await withAdminKeys(input, context, (all) => all.list());
  if (input.json === true) {
    context.stdout.write(jsonDocument({ formatVersion: 1, adminKeys: keys }));
    return EXIT.ok;
  }
  if (keys.length === 0) {
    context.stdout.write("There are no admin keys. Make one with: algokeys admin create-key NAME --role admin\n");
    return EXIT.ok;
  }
  const columns = ["NAME", "ROLE", "ACCOUNT", "MASK", "STATE", "CREATED"].map((title, rank) => ({
    title,
    least: 8,
    rank,
  }));
  const now = context.now();
  const rows = keys.map((key) =>
    [key.name, key.role, key.account ?? "(all)", key.mask, stateOf(key, now), key.createdAt.slice(0, 10)].map(shown),
  );
  context.stdout.write(`${tableLines(columns, rows, styleFor(context.stdout, input, context)).join("\n")}\n`);
  return EXIT.ok;
}

/** `algokeys admin revoke-key`: refuses an admin key from now on. */
export async function adminRevokeKey(
  input: AdminInput & { readonly name: string },
  context: Context,
): Promise<ExitCode> {
  const revoked = await withAdminKeys(input, context, async (keys) => {
    const named = (await keys.list()).filter((key) => nameKey(key.name) === nameKey(input.name));
    const live = named.find((key) => key.revokedAt === null);
    if (live !== undefined) return await keys.revoke(live.id);
    throw new CommandFailure(EXIT.error, `there is no live admin key ${input.name}`, {
      fix: "See them all with: algokeys admin list-keys",
    });
  });
  context.stdout.write(sentence`Revoked admin key ${revoked.name}. Whoever shows it is refused from now on.\n`);
  return EXIT.ok;
}

async function withAdminKeys<T>(
  input: StoreInput,
  context: Context,
  work: (keys: AdminKeys) => Promise<T>,
): Promise<T> {
  const address = storeInput(input, context);
  const driver = await openStore(address.store, { create: true });
  try {
    const randomId = (): string => Buffer.from(context.random(12)).toString("hex");
    const pepper = await unseal(driver, { ...address, random: context.random, randomId });
    const caller = { actor: context.user, role: "admin", account: null, keyId: null } as const;
    return await work(adminKeys({ driver, pepper, clock: context.now, randomId }, caller));
  } finally {
    await driver.close();
  }
}

function expiryOf(text: string): string {
  const instant = parseInstant(text);
  if (instant !== undefined) return instant;
  throw new CommandFailure(EXIT.usage, `--expires ${text} is no date or moment`, {
    fix: "Write a date, 2027-01-31, or a moment with its offset, 2027-01-31T12:00:00Z.",
  });
}

function stateOf(key: AdminKey, now: number): string {
  if (key.revokedAt !== null) return `revoked ${key.revokedAt.slice(0, 10)}`;
  if (key.expiresAt === null) return "live";
  return Date.parse(key.expiresAt) <= now ? "expired" : `live to ${key.expiresAt.slice(0, 10)}`;
}

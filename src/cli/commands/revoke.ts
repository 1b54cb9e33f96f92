import type { KeyChange } from "../../api/change-set.ts";
import type { ApiKey, Credential } from "../../core/api-key.ts";
import { isWorking, lasting } from "../../plan/credential-plan.ts";
import { revocationText, type LastUse } from "../../report/revocation-text.ts";
import { plural, shown } from "../../report/shown.ts";
import { findKey, readAccount, type AccountInput } from "../account.ts";
import { commitByHand } from "../commit-by-hand.ts";
import { confirm } from "../confirm.ts";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CommandFailure } from "../failure.ts";
import { styleFor } from "../output.ts";
import { withExistingPlatform } from "../platform.ts";
import { platformUrl } from "../platform-url.ts";

interface RevokeInput extends AccountInput {
  readonly name: string;
  readonly credential?: string;
  readonly allButNewest?: boolean;
  readonly autoApprove?: boolean;
}

/** `algokeys revoke`: ends credentials of a key at once and for good, when a secret got into the wrong hands. */
export async function revoke(input: RevokeInput, context: Context): Promise<ExitCode> {
  if (input.credential !== undefined && input.allButNewest === true) {
    throw new CommandFailure(EXIT.usage, "--credential and --all-but-newest are two choices", {
      fix: "Leave one of them out; with neither, every credential of the key is revoked.",
    });
  }
  const live = await readAccount(input, context);
  const key = findKey(live.keys, input.name, live.account.name);
  const now = context.now();
  const working = key.credentials.filter((credential) => isWorking(credential, new Date(now).toISOString()));
  const gone = chosen(key, working, input);
  if (gone.length === 0) {
    context.stdout.write(
      `Nothing to revoke: ${shown(key.name)} has ${plural(working.length, "working credential")}.\n`,
    );
    return EXIT.ok;
  }
  const style = styleFor(context.stdout, input, context);
  const lastUse = await lastUseOf(key, live.account.name, input, context);
  context.stdout.write(revocationText({ key, gone, kept: without(working, gone), lastUse }, style, now));
  if (input.autoApprove !== true) {
    const text = `Revoke ${plural(gone.length, "credential")} of ${shown(key.name)} at once? This cannot be undone.`;
    await confirm({ text, expected: key.name, flag: "--auto-approve" }, context);
  }
  const changes = gone.map(({ id }): KeyChange => ({ action: "revoke-credential", id: key.id, credential: id }));
  await commitByHand(input, live.account.name, changes, `revoke ${key.name}: ${String(gone.length)}`, context);
  context.stdout.write(`Revoked ${plural(gone.length, "credential")} of ${shown(key.name)}.${next(gone, working)}\n`);
  return EXIT.ok;
}

/** The credentials that go: the one that is named, all but the newest, or all. */
function chosen(key: ApiKey, working: readonly Credential[], input: RevokeInput): readonly Credential[] {
  const { credential: named } = input;
  if (input.allButNewest === true) {
    const newest = lasting(working).confirmed.at(-1) ?? working.at(-1);
    return working.filter((credential) => credential !== newest);
  }
  if (named === undefined) return working;
  const found = key.credentials.filter(({ id, fingerprint }) => id === named || isHead(named, fingerprint));
  const [one, other] = found;
  if (one === undefined || other !== undefined) {
    const many = other === undefined ? "no credential" : "more than one credential";
    throw new CommandFailure(EXIT.error, `${key.name} has ${many} ${named}`, {
      fix: `Name it by its id or its fingerprint: algokeys keys get ${key.name} --json`,
    });
  }
  return working.filter((credential) => credential === one);
}

/** True for a fingerprint or at least half of one: what listings show. */
function isHead(text: string, fingerprint: string): boolean {
  return text.length >= 8 && fingerprint.startsWith(text.toLowerCase());
}

function without(credentials: readonly Credential[], gone: readonly Credential[]): readonly Credential[] {
  return credentials.filter((credential) => !gone.includes(credential));
}

async function lastUseOf(key: ApiKey, account: string, input: RevokeInput, context: Context): Promise<LastUse> {
  return await withExistingPlatform(platformUrl(input, context), context, async (platform) => {
    return await platform.lastUse(account, key.id);
  });
}

/** What follows: a key that lost all that was in use needs another secret. */
function next(gone: readonly Credential[], working: readonly Credential[]): string {
  if (lasting(without(working, gone)).confirmed.length > 0) return "";
  return " For another secret run `algokeys apply`, if the declaration says where it goes (`deliver`), or `algokeys apply --reveal`.";
}

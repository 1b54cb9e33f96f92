import type { ApiKey } from "../../core/api-key.ts";
import { tokenDigest, tokenFingerprint, tokenMask } from "../../core/token.ts";
import { isWorking } from "../../plan/credential-plan.ts";
import { scanJson, scanText, type ScanFinding } from "../../report/scan-report.ts";
import { readAccount, type AccountInput } from "../account.ts";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CommandFailure } from "../failure.ts";
import { styleFor } from "../output.ts";
import { sha256 } from "../plan-input.ts";
import { listDeletedKeys } from "../platform.ts";
import { platformUrl } from "../platform-url.ts";
import { scanHistory } from "../scan-history.ts";
import { scanPath, scanStream } from "../scan-sources.ts";
import type { ScannedToken } from "../token-scanner.ts";

interface ScanInput extends AccountInput {
  readonly paths: readonly string[];
  readonly history?: boolean;
  readonly offline?: boolean;
  readonly json?: boolean;
}

/** `algokeys scan`: finds secrets where they do not belong, asks the platform which of them work, and shows none. */
export async function scan(input: ScanInput, context: Context): Promise<ExitCode> {
  const tokens: ScannedToken[] = [];
  const tell = (found: ScannedToken): void => void tokens.push(found);
  const scope = { files: 0, commits: 0, asked: input.offline !== true };
  for (const path of input.paths) {
    scope.files += path === "-" ? await scanStream("-", context.stdin, tell) : await scanPath(path, tell, context);
    if (input.history === true && path !== "-") scope.commits += await scanHistory(path, tell, context);
  }
  context.signal.throwIfAborted();
  const keys = tokens.length > 0 && scope.asked ? await knownKeys(input, context) : [];
  const findings = tokens.map((found) => findingOf(found, keys, context.now()));
  const style = styleFor(context.stdout, input, context);
  context.stdout.write(input.json === true ? scanJson(findings, scope) : scanText(findings, scope, style));
  if (findings.length === 0) return EXIT.ok;
  const live = findings.find(({ state }) => state === "live");
  throw new CommandFailure(EXIT.refused, "secrets stand where they do not belong", {
    fix:
      live === undefined
        ? "Take them out; a secret that others may have read is to be replaced."
        : `Revoke what is live first: algokeys revoke ${live.key ?? ""} --credential ${live.credential ?? ""}`,
  });
}

/** Every key of the account, live or deleted, with its credentials. */
async function knownKeys(input: ScanInput, context: Context): Promise<readonly ApiKey[]> {
  const live = await readAccount(input, context);
  return [...live.keys, ...(await listDeletedKeys(platformUrl(input, context), live.account.name, context))];
}

function findingOf(
  { secret, kind, file, commit, line, column }: ScannedToken,
  keys: readonly ApiKey[],
  now: number,
): ScanFinding {
  const fingerprint = tokenFingerprint(tokenDigest(secret, sha256));
  const place = { file, commit, line, column, kind, mask: tokenMask(secret), fingerprint };
  for (const key of keys) {
    const credential = key.credentials.find((one) => one.fingerprint === fingerprint);
    if (credential === undefined) continue;
    const ends = key.spec.expires === null ? Infinity : Date.parse(key.spec.expires);
    const works = key.deletedAt === null && key.spec.enabled && now < ends;
    const state = works && isWorking(credential, new Date(now).toISOString()) ? "live" : "ended";
    return { ...place, state, key: key.name, credential: credential.id };
  }
  return { ...place, state: "unknown", key: null, credential: null };
}

import { tokenDigest, tokenFingerprint, tokenMask } from "../../core/token.ts";
import { isWorking } from "../../plan/credential-plan.ts";
import { scanJson, scanText, type ScanFinding } from "../../report/scan-report.ts";
import type { AccountInput } from "../account.ts";
import { askPlatform, NO_ANSWERS, type PlatformAnswers } from "../ask-platform.ts";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CommandFailure, failureText } from "../failure.ts";
import { styleFor } from "../output.ts";
import { sha256 } from "../plan-input.ts";
import { scanHistory } from "../scan-history.ts";
import { scanPath, scanStream } from "../scan-sources.ts";
import type { ScannedToken } from "../token-scanner.ts";

interface ScanInput extends AccountInput {
  readonly paths: readonly string[];
  readonly history?: boolean;
  readonly offline?: boolean;
  readonly json?: boolean;
}

/**
 * `algokeys scan`: finds secrets where they do not belong, asks the platform which of them work, and shows none. What was found
 * is told even if the platform cannot be asked.
 */
export async function scan(input: ScanInput, context: Context): Promise<ExitCode> {
  const tokens: ScannedToken[] = [];
  const tell = (found: ScannedToken): void => void tokens.push(found);
  const scanned = { files: 0, commits: 0 };
  for (const path of input.paths) {
    scanned.files += path === "-" ? await scanStream("-", context.stdin, tell) : await scanPath(path, tell, context);
    if (input.history === true && path !== "-") scanned.commits += await scanHistory(path, tell, context);
  }
  context.signal.throwIfAborted();
  const asks = tokens.length > 0 && input.offline !== true;
  const answers = asks ? await askPlatform(tokens, input, context) : NO_ANSWERS;
  const asked = asks && answers.failures.length === 0;
  const scope = { ...scanned, asked, account: answers.callers?.account ?? null };
  const findings = tokens.map((found) => findingOf(found, answers, context.now()));
  const style = styleFor(context.stdout, input, context);
  context.stdout.write(input.json === true ? scanJson(findings, scope) : scanText(findings, scope, style));
  if (findings.length === 0) return EXIT.ok;
  sayNotAsked(answers, input, context);
  throw new CommandFailure(EXIT.refused, "secrets stand where they do not belong", { fix: fixOf(findings) });
}

/** Says why it is not known which of the secrets work, and what to do about it. */
function sayNotAsked({ failures }: PlatformAnswers, input: ScanInput, context: Context): void {
  const style = styleFor(context.stderr, input, context);
  for (const { summary, notes } of failures) {
    const what = `which of them work is not known, for the platform could not be asked: ${summary}`;
    const detail = [notes.detail ?? [], "With --offline no platform is asked."].flat().join("\n");
    const fix = notes.fix ?? "See to what it says, then scan again.";
    context.stderr.write(failureText(what, { detail, fix }, style, "warning"));
  }
}

function fixOf(findings: readonly ScanFinding[]): string {
  const live = findings.find(({ state }) => state === "live");
  if (live === undefined) return "Take them out; a secret that others may have read is to be replaced.";
  return live.kind === "admin"
    ? `Revoke what is live first, where the server's store is: algokeys admin revoke-key ${live.key ?? ""}`
    : `Revoke what is live first: algokeys revoke ${live.key ?? ""} --credential ${live.credential ?? ""}`;
}

function findingOf(
  { secret, kind, file, commit, line, column }: ScannedToken,
  { callers, admins }: PlatformAnswers,
  now: number,
): ScanFinding {
  const fingerprint = tokenFingerprint(tokenDigest(secret, sha256));
  const place = { file, commit, line, column, kind, mask: tokenMask(secret), fingerprint };
  if (kind === "admin" && admins !== undefined) {
    const name = admins.get(secret.reveal()) ?? null;
    return { ...place, state: name === null ? "ended" : "live", key: name, credential: null };
  }
  for (const key of callers?.keys ?? []) {
    const credential = key.credentials.find((one) => one.fingerprint === fingerprint);
    if (credential === undefined) continue;
    const ends = key.spec.expires === null ? Infinity : Date.parse(key.spec.expires);
    const works = key.deletedAt === null && key.spec.enabled && now < ends;
    const state = works && isWorking(credential, new Date(now).toISOString()) ? "live" : "ended";
    return { ...place, state, key: key.name, credential: credential.id };
  }
  return { ...place, state: "unknown", key: null, credential: null };
}

import { jsonDocument, joined, plural, shown } from "./shown.ts";
import { paint, type Style } from "./style.ts";

/** A token that a scan found; the secret itself is not here. */
export interface ScanFinding {
  readonly file: string;
  readonly commit: string | null;
  readonly line: number;
  readonly column: number;
  readonly kind: "caller" | "admin";
  readonly mask: string;
  readonly fingerprint: string;
  /**
   * `live`: accepted now. `ended`: refused; the token was a key's, or an admin's. `unknown`: no key of the account has it, or
   * the platform was not asked.
   */
  readonly state: "live" | "ended" | "unknown";
  /** The key that it opens, or opened; of a live admin key, its name. */
  readonly key: string | null;
  readonly credential: string | null;
}

/** What was scanned. */
export interface ScanScope {
  readonly files: number;
  readonly commits: number;
  /** True if a platform was asked about all that was found, and answered. */
  readonly asked: boolean;
  /** The account whose keys were looked at, the only one; null if none was. */
  readonly account: string | null;
}

/** What a scan found, for people: a line each, as editors open it. */
export function scanText(findings: readonly ScanFinding[], scope: ScanScope, style: Style): string {
  const lines = findings.map((one) => {
    const where = shown(one.commit === null ? one.file : `${one.commit.slice(0, 12)}:${one.file}`);
    return `${where}:${String(one.line)}:${String(one.column)}: ${shown(one.mask)} ${paint(style, colorOf(one), stateText(one, scope))}`;
  });
  const history = scope.commits === 0 ? "" : ` and ${plural(scope.commits, "commit")}`;
  const scanned = `${plural(scope.files, "file")}${history}`;
  const live = findings.filter(({ state }) => state === "live").length;
  const count =
    findings.length === 0
      ? `No token in ${scanned}.`
      : `${plural(findings.length, "token")} in ${scanned}, ${String(live)} live.`;
  return joined([...lines, ...(lines.length === 0 ? [] : [""]), count], style);
}

/** The same for programs: `$defs/scan` of `schemas/report.schema.json`. */
export function scanJson(findings: readonly ScanFinding[], scope: ScanScope): string {
  return jsonDocument({ formatVersion: 1, ...scope, findings });
}

function colorOf({ state }: ScanFinding): "red" | "yellow" | "dim" {
  return state === "live" ? "red" : state === "unknown" ? "yellow" : "dim";
}

function stateText({ state, key, kind }: ScanFinding, { account }: ScanScope): string {
  if (kind === "admin") {
    if (state === "unknown") return "is an admin key; whether it works was not looked up";
    return state === "live"
      ? `is the live admin key ${shown(key ?? "")}`
      : "is an admin key that this platform refuses";
  }
  if (state === "unknown") {
    if (account === null) return "was not looked up";
    return `is no secret of a key of the account ${shown(account)}; no other account was looked at`;
  }
  return state === "live"
    ? `is a live secret of the key ${shown(key ?? "")}`
    : `was a secret of the key ${shown(key ?? "")}`;
}

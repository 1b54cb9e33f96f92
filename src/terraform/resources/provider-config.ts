import { KeyApiError } from "../../api/errors.ts";
import { platformUrl } from "../../api/platform-url.ts";
import { NAME_PATTERN } from "../../core/key-name.ts";
import { Secret } from "../../core/secret.ts";
import { attribute, type Attributes } from "../framework/attribute.ts";
import type { Attempt } from "../framework/provider-definition.ts";
import type { CtyRecord } from "../protocol/cty-value.ts";
import type { ProviderDiagnostic } from "../protocol/provider-diagnostic.ts";
import { error } from "./diagnostics.ts";

/** What the provider is configured with. */
export const PROVIDER_ATTRIBUTES: Attributes = {
  url: attribute(
    "string",
    "author-or-null",
    "The platform's address, `https://keys.example.com`. Default: the environment variable `ALGOKEYS_PLATFORM`.",
  ),
  token: attribute(
    "string",
    "author-or-null",
    "The admin key. Default: the environment variable `ALGOKEYS_TOKEN`, or the file of `token_file`. A plan needs one with " +
      "the role reader, an apply the role writer.",
    { sensitive: true },
  ),
  token_file: attribute(
    "string",
    "author-or-null",
    "A file that holds the admin key. Default: the environment variable `ALGOKEYS_TOKEN_FILE`.",
  ),
  platform: attribute(
    "string",
    "author-or-null",
    "`file:` and the path of an embedded platform, instead of `url`: the one that the command line uses by default, " +
      "without a server. It needs no token.",
  ),
  account: attribute("string", "author-or-null", "The account of every key that states none."),
  project: attribute(
    "string",
    "author-or-null",
    "Who manages the keys: the ownership marker that the platform keeps with each key. Keys of other projects are never " +
      "touched. Default: `terraform`.",
  ),
};

/** Where the keys live, and whose they are. */
export interface Settings {
  readonly place: Place;
  readonly account: string | null;
  readonly project: string;
}

/** A server with its admin key, or an embedded platform's file. */
export type Place =
  | { readonly type: "server"; readonly url: string; readonly token: Secret }
  | { readonly type: "embedded"; readonly url: string; readonly file: string };

/** What the configuration may be completed from. */
export interface SettingsSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of a file; throws if it cannot be read. */
  readonly readFile: (path: string) => string;
}

const DEFAULT_PROJECT = "terraform";

/** Checks what is stated, as far as it is known. */
export function checkConfig(config: CtyRecord): readonly ProviderDiagnostic[] {
  const found: ProviderDiagnostic[] = [];
  const { url, platform, account, project } = config;
  if (url !== null && platform !== null) {
    const detail = "url is a server, platform a file of an embedded one. State one of them.";
    found.push(error("Two platforms are stated", detail, "platform"));
  }
  if (config["token"] !== null && config["token_file"] !== null) {
    found.push(error("The token is stated twice", "State token or token_file.", "token_file"));
  }
  if (typeof url === "string") found.push(...checkUrl(url));
  if (typeof platform === "string" && !/^file:.+/.test(platform)) {
    const detail = "Write file: and a path, such as file:.algokeys/platform.db. A server's address goes into url.";
    found.push(error("platform names no file", detail, "platform"));
  }
  for (const [name, value] of Object.entries({ account, project })) {
    if (typeof value !== "string" || NAME_PATTERN.test(value)) continue;
    const detail = "Use letters, digits, `.`, `_` and `-`; begin with a letter or digit; at most 64 characters.";
    found.push(
      error(`${JSON.stringify(value)} cannot name ${name === "account" ? "an account" : "a project"}`, detail, name),
    );
  }
  return found;
}

/** The whole settings, from the configuration, the environment and files. */
export function settingsOf(config: CtyRecord, sources: SettingsSources): Attempt<Settings> {
  const stated = (name: string): string | undefined => (typeof config[name] === "string" ? config[name] : undefined);
  const url = stated("platform") ?? stated("url") ?? sources.env["ALGOKEYS_PLATFORM"] ?? "";
  const project = stated("project") ?? DEFAULT_PROJECT;
  const account = stated("account") ?? null;
  if (url === "") {
    const detail =
      'Write url = "https://keys.example.com", or platform = "file:.algokeys/platform.db" for an embedded one, or set ' +
      "the environment variable ALGOKEYS_PLATFORM.";
    return { ok: false, diagnostics: [error("No platform is stated", detail)] };
  }
  if (url.startsWith("file:")) {
    const place = { type: "embedded", url, file: url.slice("file:".length) } as const;
    return { ok: true, value: { place, account, project }, diagnostics: [] };
  }
  const faults = checkUrl(url);
  if (faults.length > 0) return { ok: false, diagnostics: faults };
  const token = tokenOf(stated("token"), stated("token_file"), sources);
  if (!(token instanceof Secret)) return { ok: false, diagnostics: [token] };
  return { ok: true, value: { place: { type: "server", url, token }, account, project }, diagnostics: [] };
}

function checkUrl(url: string): readonly ProviderDiagnostic[] {
  try {
    platformUrl(url);
    return [];
  } catch (failure) {
    if (!(failure instanceof KeyApiError)) throw failure;
    return [error("url is no platform's address", `${failure.message} Write https://keys.example.com.`, "url")];
  }
}

function tokenOf(
  token: string | undefined,
  tokenFile: string | undefined,
  { env, readFile }: SettingsSources,
): Secret | ProviderDiagnostic {
  if (token !== undefined) return new Secret(token.trim());
  const file = tokenFile ?? (env["ALGOKEYS_TOKEN"] === undefined ? env["ALGOKEYS_TOKEN_FILE"] : undefined);
  if (file === undefined || file === "") {
    const given = env["ALGOKEYS_TOKEN"]?.trim() ?? "";
    if (given !== "") return new Secret(given);
    const detail =
      "Set the environment variable ALGOKEYS_TOKEN, name a file with token_file, or pass token from a variable.";
    return error("No admin key is given", detail, "token");
  }
  try {
    const held = readFile(file).trim();
    if (held !== "") return new Secret(held);
    return error("The token file is empty", `${file} holds no admin key.`, "token_file");
  } catch (failure) {
    const reason = failure instanceof Error && "code" in failure ? ` (${String(failure.code)})` : "";
    return error(
      "The token file cannot be read",
      `${file}${reason}. Check that it is there and yours to read.`,
      "token_file",
    );
  }
}

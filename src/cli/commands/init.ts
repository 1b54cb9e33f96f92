import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { ACCOUNT_PATTERN, NAME_PATTERN } from "../../core/key-name.ts";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CommandFailure } from "../failure.ts";
import { SCHEMA_URL } from "../package-file.ts";

interface InitInput {
  readonly file: string;
  readonly account: string;
  readonly project: string;
}

/** `algokeys init`: writes a declaration to start from. It never overwrites. */
export async function init(input: InitInput, context: Context): Promise<ExitCode> {
  checkName("--account", input.account, ACCOUNT_PATTERN, "a letter, then at most 29 letters, digits and _");
  checkName("--project", input.project, NAME_PATTERN, "1 to 64 letters, digits, dots, - and _");
  const path = resolve(context.cwd, input.file);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, starter(input.account, input.project), { flag: "wx" });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new CommandFailure(EXIT.error, `${input.file} cannot be written`, { detail: reason });
    }
    throw new CommandFailure(EXIT.error, `${input.file} exists already; it is left as it is`, {
      fix: "Name another file: algokeys init FILE.",
    });
  }
  const flag = input.file === "keys.yaml" ? "" : ` ${input.file}`;
  context.stdout.write(
    `Wrote ${input.file} with one key.\n\nNext:\n` +
      `  algokeys validate${flag}   check it\n  algokeys plan${flag}       see what would change\n` +
      `  algokeys apply${flag === "" ? "" : ` -f${flag}`}      carry it out\n`,
  );
  return EXIT.ok;
}

function checkName(flag: string, value: string, pattern: RegExp, form: string): void {
  if (!pattern.test(value)) {
    throw new CommandFailure(EXIT.usage, `${flag} ${value} is not a name`, { fix: `A name is ${form}.` });
  }
}

function starter(account: string, project: string): string {
  return `# yaml-language-server: $schema=${SCHEMA_URL}
# API keys as code. One key per application, each with no more access than it needs.
version: 1

# The user or organization that owns the keys.
account: ${account}
# Who manages them. Keys of other projects are never touched.
project: ${project}

keys:
  # A key's name. Renaming it here plans a delete and a create, unless you add: renamed_from: first-app
  first-app:
    description: Calls one algorithm from a server
    # What it may call: algo://* (all), algo://owner/* (one owner's), algo://owner/name (one), or [] for none.
    algorithms:
      - algo://demos/sentiment_analysis
    # Who may call. For a browser: { native: false, web: true, referrers: [shop.example.com] }
    origins: { native: true, web: false }
    # Access to the Data API: none, read or readwrite.
    data: none
    # Where its secret goes when the key is made. Keep that file out of version control.
    deliver:
      - { to: dotenv, file: .env, name: ALGORITHMIA_API_KEY }
    # More fields: management, enabled, expires, protect, labels, rotation. See: algokeys schema
`;
}

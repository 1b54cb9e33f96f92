import { writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { makeFolder } from "../../apply/make-folder.ts";
import { checkAccountName, checkProjectName } from "../check-name.ts";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { writeFailure } from "../file-failure.ts";
import { SCHEMA_URL } from "../package-file.ts";
import { sentence, shown } from "../../report/shown.ts";

interface InitInput {
  readonly file: string;
  readonly account: string;
  readonly project: string;
}

/** `algokeys init`: writes a declaration to start from. It never overwrites. */
export async function init(input: InitInput, context: Context): Promise<ExitCode> {
  checkAccountName("--account", input.account);
  checkProjectName("--project", input.project);
  const path = resolve(context.cwd, input.file);
  // Where no folder can be made, writing fails too and says why.
  await makeFolder(dirname(path)).catch(() => undefined);
  try {
    await writeFile(path, starter(input.account, input.project), { flag: "wx" });
  } catch (error) {
    throw writeFailure("the declaration cannot be written to", input.file, error);
  }
  context.stdout.write(sentence`Wrote ${input.file} with one key.\n\nNext:\n` + nextSteps(input.file));
  return EXIT.ok;
}

/** What to run next, in columns. */
function nextSteps(file: string): string {
  const word = /[^\w./-]/.test(file) ? `'${shown(file)}'` : file;
  const [path, option] = file === "keys.yaml" ? ["", ""] : [` ${word}`, ` -f ${word}`];
  const steps = [
    [`algokeys validate${path}`, "check it"],
    [`algokeys plan${path}`, "see what would change"],
    [`algokeys apply${option}`, "carry it out"],
  ] as const;
  const width = Math.max(...steps.map(([command]) => command.length));
  return steps.map(([command, about]) => `  ${command.padEnd(width)}   ${about}\n`).join("");
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

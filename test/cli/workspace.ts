import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { runCli, runCliTo, type CliOptions, type CliRun } from "../support/run-cli.ts";

/** A temporary folder to run the command in. */
export interface Workspace {
  readonly folder: string;
  /** Runs the command here, whatever it ends with. */
  run(args: string, options?: Partial<CliOptions>): Promise<CliRun>;
  /** Runs the command here, and fails unless it ends so. */
  runTo(exitCode: number, args: string, options?: Partial<CliOptions>): Promise<CliRun>;
  write(file: string, text: string): void;
  read(file: string): string;
}

/** Makes a workspace that is gone when the test (or, with `keep`, the caller's own clean-up) ends. */
export function makeWorkspace(files: Readonly<Record<string, string>> = {}, keep?: "keep"): Workspace {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "algokeys-cli-")));
  if (keep === undefined) {
    onTestFinished(() => {
      removeWorkspace({ folder });
    });
  }
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  for (const [file, text] of Object.entries(files)) write(file, text);
  return {
    folder,
    write,
    read: (file) => readFileSync(join(folder, file), "utf8"),
    run: (args, options) => runCli(words(args), { cwd: folder, ...options }),
    runTo: (exitCode, args, options) => runCliTo(exitCode, words(args), { cwd: folder, ...options }),
  };
}

/** Deletes a workspace that was made to be kept. */
export function removeWorkspace({ folder }: Pick<Workspace, "folder">): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Copies a whole workspace, its platform with it, so that each test starts from one expensive set-up. */
export function copyWorkspace(from: Workspace): Workspace {
  const copy = makeWorkspace();
  cpSync(from.folder, copy.folder, { recursive: true });
  return copy;
}

/** Words of a command line; text within double quotes is one word. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
}

/** A declaration of account acme, project shop, with these keys: a name and the YAML of its block in flow style. */
export function declaring(keys: Readonly<Record<string, string>>, project = "shop"): string {
  const blocks = Object.entries(keys).map(([name, block]) => `  ${name}: ${block}\n`);
  return `version: 1\naccount: acme\nproject: ${project}\nkeys:\n${blocks.join("")}`;
}

/** A key that may call one algorithm. */
export const PLAIN_KEY = "{ algorithms: [algo://demos/hello] }";

/** The declaration that the quickstart uses. */
export const EXAMPLE: string = readFileSync(
  fileURLToPath(new URL("../../examples/yaml/keys.yaml", import.meta.url)),
  "utf8",
);

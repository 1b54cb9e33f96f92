import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder with a configuration and a mirror that terraform takes the provider from, each run a provider process of its own. */
export interface MirrorWorkspace {
  readonly folder: string;
  readonly mirror: string;
  write(name: string, text: string): void;
  /** Starts terraform; its output is gathered. */
  start(args: string, env?: Readonly<Record<string, string>>): RunningTerraform;
  /** Runs it to its end, throws if it ends with another code, and gives what it printed, in one line. */
  runTo(exitCode: number, args: string, env?: Readonly<Record<string, string>>): Promise<string>;
  close(): void;
}

/** A terraform that runs. */
export interface RunningTerraform {
  readonly process: ChildProcess;
  /** What it has printed so far. */
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

/** Makes a workspace whose terraform knows of one mirror and of nothing else. */
export function mirrorWorkspace(configuration: string): MirrorWorkspace {
  const folder = mkdtempSync(join(tmpdir(), "algokeys-mirror-"));
  const mirror = join(folder, "a mirror");
  mkdirSync(mirror);
  writeFileSync(
    join(folder, "terraform.rc"),
    `disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
  );
  writeFileSync(join(folder, "main.tf"), configuration);
  const environment = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    TF_IN_AUTOMATION: "1",
    TF_INPUT: "0",
    CHECKPOINT_DISABLE: "1",
    TF_CLI_CONFIG_FILE: join(folder, "terraform.rc"),
  };
  const start: MirrorWorkspace["start"] = (args, env = {}) => {
    const child = spawn("terraform", args.split(" "), { cwd: folder, env: { ...environment, ...env } });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text.replace(/\u001b\[[0-9;]*m/g, "");
      });
    }
    const ended = once(child, "close").then(([exitCode]) => exitCode as number | null);
    return { process: child, output: () => output, ended };
  };
  return {
    folder,
    mirror,
    write: (name, text) => {
      writeFileSync(join(folder, name), text);
    },
    start,
    runTo: async (due, args, env) => {
      const run = start(args, env);
      const exitCode = await run.ended;
      if (exitCode === due) return run.output().replace(/\s*\n(?:│ *)?/g, " ");
      throw new Error(`terraform ${args} ended with ${String(exitCode)}, not ${String(due)}:\n${run.output()}`);
    },
    close: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

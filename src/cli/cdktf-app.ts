import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { suggest } from "../core/suggest.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { CommandFailure } from "./failure.ts";

/** How a command is told of a CDKTF app. */
export interface CdktfOptions {
  /** The command that synthesizes it, for a shell. */
  readonly app?: string;
  /** Where its synthesis is, or goes to. */
  readonly cdktfOut?: string;
  /** The one stack to read. */
  readonly stack?: string;
}

/** Where CDKTF puts a synthesis that nobody sends elsewhere. */
const DEFAULT_OUT = "cdktf.out";

/** The files of the stacks that a synthesized app has, as given; undefined if the command names no app. Runs the app first if it names one. */
export async function stackFiles(input: CdktfOptions, context: Context): Promise<readonly string[] | undefined> {
  if (input.app === undefined && input.cdktfOut === undefined) {
    if (input.stack === undefined) return undefined;
    throw new CommandFailure(EXIT.usage, "--stack chooses a stack of a CDKTF app, and none is named", {
      fix: 'Add --app "node app.js", or --cdktf-out DIR.',
    });
  }
  const out = input.cdktfOut ?? DEFAULT_OUT;
  if (input.app !== undefined) await synthesize(input.app, out, context);
  const stacks = readStacks(out, input, context);
  const { stack } = input;
  if (stack === undefined) return [...stacks.values()].map((path) => join(out, path));
  const path = stacks.get(stack);
  if (path !== undefined) return [join(out, path)];
  const near = suggest(stack, [...stacks.keys()]);
  throw new CommandFailure(EXIT.usage, `the app has no stack ${stack}`, {
    fix: near === undefined ? `It has ${[...stacks.keys()].join(", ")}.` : `Did you mean ${near}?`,
  });
}

/**
 * Runs the app. What it prints is no result of ours, so it goes to standard error. The manifest of an earlier synthesis goes
 * first: an app that does not synthesize, or not to there, must not look as if it declared what another one did.
 */
async function synthesize(app: string, out: string, { cwd, env, signal, stderr }: Context): Promise<void> {
  rmSync(resolve(cwd, out, "manifest.json"), { force: true });
  const child = spawn(app, {
    shell: true,
    cwd,
    env: { ...env, CDKTF_OUTDIR: resolve(cwd, out) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = (): void => {
    child.kill("SIGTERM");
  };
  signal.addEventListener("abort", stop, { once: true });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => stderr.write(text));
  }
  const exitCode = await new Promise<number | null>((done, fail) => {
    child.once("error", fail);
    child.once("close", done);
  });
  signal.removeEventListener("abort", stop);
  signal.throwIfAborted();
  if (exitCode === 0) return;
  throw new CommandFailure(
    EXIT.usage,
    `the app \`${app}\` ended with ${exitCode === null ? "a signal" : String(exitCode)}`,
    {
      detail: "What it said stands above.",
      fix: "Run it by itself until it synthesizes, then run this command again.",
    },
  );
}

/** The stacks' files below the folder, by the stacks' names. */
function readStacks(out: string, { app }: CdktfOptions, { cwd }: Context): ReadonlyMap<string, string> {
  const shown = join(out, "manifest.json");
  let text: string;
  try {
    text = readFileSync(resolve(cwd, shown), "utf8");
  } catch {
    const fix =
      app === undefined
        ? 'Synthesize the app first, or let this command do it: --app "node app.js".'
        : "Let it call app.synth(), and leave App's own `outdir` out.";
    throw new CommandFailure(EXIT.usage, `${shown} is not there, so no app was synthesized to ${out}`, { fix });
  }
  const paths = new Map<string, string>();
  for (const [name, stack] of Object.entries(stacksIn(text))) {
    const path = stack.synthesizedStackPath;
    if (typeof path === "string") paths.set(name, path);
  }
  if (paths.size > 0) return paths;
  const fix = "Name the folder that CDKTF synthesized to, and synthesize JSON, not HCL.";
  throw new CommandFailure(EXIT.usage, `${shown} names no stack`, { fix });
}

function stacksIn(text: string): Readonly<Record<string, { readonly synthesizedStackPath?: unknown }>> {
  try {
    const { stacks } = JSON.parse(text) as { readonly stacks?: unknown };
    return typeof stacks === "object" && stacks !== null ? (stacks as ReturnType<typeof stacksIn>) : {};
  } catch {
    return {};
  }
}

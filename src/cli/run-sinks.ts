import process, { kill } from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { deliverySinks } from "../apply/delivery-sinks.ts";
import type { RunnerPorts } from "../apply/github-sink.ts";
import type { Sinks } from "../apply/sink.ts";
import type { Context } from "./context.ts";
import { sha256 } from "./plan-input.ts";

/** The sinks of this run; the programs that they start end with it. Without `runner` nothing goes to a GitHub job. */
export function runSinks(context: Context, runner?: RunnerPorts): Sinks {
  return deliverySinks({
    root: context.cwd,
    sha256,
    sleep: async (ms) => {
      await wait(ms);
    },
    env: context.env,
    kill,
    atExit: (listener) => {
      process.once("exit", listener);
      return () => void process.off("exit", listener);
    },
    runner,
  });
}

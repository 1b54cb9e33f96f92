import { ageSink } from "./age-sink.ts";
import { commandSink } from "./command-sink.ts";
import { dotenvSink } from "./dotenv-sink.ts";
import type { FileSinkPorts } from "./file-sink.ts";
import { githubSink, type RunnerPorts } from "./github-sink.ts";
import { jsonSink } from "./json-sink.ts";
import type { AtExit, Environment, Kill } from "./run-command.ts";
import type { Sinks } from "./sink.ts";

/** What the sinks need of the world. */
export interface DeliverySinkPorts extends FileSinkPorts {
  /** Variables of this run; absent: none, so that commands see none and no GitHub runner is found. */
  readonly env?: Environment | undefined;
  /** Ends programs that take too long, with all that they started. */
  readonly kill?: Kill | undefined;
  /** Ends them with this process too. */
  readonly atExit?: AtExit | undefined;
  /** What it takes to speak to a GitHub runner; absent: nothing is delivered to one. */
  readonly runner?: RunnerPorts | undefined;
}

/** The sinks for every kind of delivery that a declaration can name. */
export function deliverySinks(ports: DeliverySinkPorts): Sinks {
  const { root, sha256, env = {}, kill, atExit, runner } = ports;
  const github = githubSink({ sha256, env, runner });
  return {
    dotenv: dotenvSink(ports),
    json: jsonSink(ports),
    age: ageSink(ports),
    command: commandSink({ root, sha256, env, kill, atExit }),
    "github-env": github,
    "github-output": github,
  };
}

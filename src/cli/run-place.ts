import type { World } from "./context.ts";

/** The variables in which CI services put the address of a run. */
const RUN_ADDRESSES = ["CI_JOB_URL", "BUILD_URL", "CIRCLE_BUILD_URL", "BUILDKITE_BUILD_URL"] as const;

/** What the run's machine and its variables say of where it is. */
export type RunWorld = Pick<World, "env" | "host" | "pid">;

/** The address of the run in CI, where people see what it does; elsewhere the process. */
export function processName({ env, pid }: Pick<RunWorld, "env" | "pid">): string {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  if (server !== undefined && repository !== undefined && run !== undefined) {
    return `${server}/${repository}/actions/runs/${run}`;
  }
  const address = RUN_ADDRESSES.map((name) => env[name]).find((value) => value !== undefined && value !== "");
  return address ?? `process ${String(pid)}`;
}

/** Where a run is, in words for the history: `ci-7, https://ci.example.com/runs/12`. */
export function runPlace(world: RunWorld): string {
  return `${world.host}, ${processName(world)}`;
}

import { completionScript, type Shell } from "../completion-script.ts";
import type { World } from "../context.ts";
import { buildProgram } from "../program.ts";

/** `algokeys completion`: a script that completes commands and options in a shell. */
export function completion(shell: Shell, world: World): void {
  world.stdout.write(
    completionScript(
      shell,
      buildProgram(world, () => Promise.resolve()),
    ),
  );
}

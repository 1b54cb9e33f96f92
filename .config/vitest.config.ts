import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Tests run on the sources; those that start the command line run the build, which `npm test` makes first. */
export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    include: ["test/**/*.test.ts"],
    reporters: ["default", fileURLToPath(new URL("./plain-reporter.ts", import.meta.url))],
    // One file after the other: some tests bound the time of what they start, and the machine has few cores.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Tests give the environment they need themselves; a terminal's own settings must not reach them.
    env: { NO_COLOR: "1", ALGOKEYS_PLATFORM: "" },
  },
});

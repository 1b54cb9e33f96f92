import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const CDK_MATCHERS = ["test/constructs/matchers.ts"];

/** Tests run on the sources; those that start the command line run the build, which `npm test` makes first. */
export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    reporters: ["default", fileURLToPath(new URL("./plain-reporter.ts", import.meta.url))],
    // One file after the other: some tests bound the time of what they start, and the machine has few cores.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Tests give the environment they need themselves; a terminal's own settings must not reach them.
    env: { NO_COLOR: "1", ALGOKEYS_PLATFORM: "" },
    projects: [
      { extends: true, test: { name: "all", include: ["test/**/*.test.ts"], setupFiles: CDK_MATCHERS } },
      // The constructs once more, on the living fork of CDKTF. The null provider's package is made for CDKTF alone.
      {
        extends: true,
        test: {
          name: "cdktn",
          include: ["test/constructs/**/*.test.ts"],
          exclude: ["test/constructs/null-trigger.test.ts"],
          setupFiles: CDK_MATCHERS,
          execArgv: ["--conditions=cdktn"],
        },
      },
    ],
  },
});

import { build } from "esbuild";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Packages that cannot be bundled: a child loads them from where the tests would. */
const NATIVE = ["better-sqlite3"];

/**
 * Makes one JavaScript file of a TypeScript entry, for tests that need a process of its own to kill: Node 20 does not
 * run TypeScript, and the build may not have been made. Gives the path of the file, which lies in `folder`.
 */
export async function bundleChild(entry: string, folder: string): Promise<string> {
  const outfile = join(folder, "child.mjs");
  const { resolve } = createRequire(import.meta.url);
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    // jsonc-parser's CommonJS form loads its own parts in a way that bundlers do not follow.
    mainFields: ["module", "main"],
    logLevel: "error",
    plugins: [
      {
        name: "native-packages",
        setup(hooks) {
          hooks.onResolve({ filter: new RegExp(`^(?:${NATIVE.join("|")})$`) }, ({ path }) => {
            return { path: pathToFileURL(resolve(path)).href, external: true };
          });
        },
      },
    ],
  });
  return outfile;
}

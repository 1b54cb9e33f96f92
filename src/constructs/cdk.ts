import { createRequire } from "node:module";
import type * as Constructs from "constructs";
import type * as Cdk from "#cdk";

const load = createRequire(import.meta.url);

/**
 * The construct library that this process runs: `cdktf`, or its living fork `cdktn`. `node --conditions=cdktn` chooses the
 * fork where both are installed; where one of them is, it is that one. Both answer to the names that `cdktf` has.
 *
 * It is loaded with `require` because both are CommonJS, which costs less so than by `import`, and so that one that is
 * missing can be asked for in words.
 */
export const cdk: typeof Cdk = loadCdk();

/** What both are built on. */
export const constructs: typeof Constructs = load("constructs") as typeof Constructs;

/**
 * The scope, if its app is made of the same library as our constructs. Throws otherwise: elements of the one within an app
 * of the other fail far away from the cause.
 */
export function sameLibrary(scope: Constructs.Construct): Constructs.Construct {
  const { root } = scope.node;
  if (!cdk.App.isApp(root) || root instanceof cdk.App) return scope;
  throw new Error(
    "The app is made with another library than algokeys/constructs runs on: of cdktf and cdktn, or of two copies of one, " +
      "it found the other. Start the app with `node --conditions=cdktn` if it imports cdktn, and install each library once.",
  );
}

/** Loads what `#cdk` stands for, else whichever of the two is there. */
function loadCdk(): typeof Cdk {
  for (const name of ["#cdk", "cdktf", "cdktn"]) {
    try {
      return load(name) as typeof Cdk;
    } catch (error) {
      const missing = missingPackage(error);
      if (missing === "constructs") throw notInstalled("constructs", error);
      if (missing !== name) throw error;
    }
  }
  throw notInstalled("cdktf");
}

/** The package that could not be found; undefined for every other failure. */
function missingPackage(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || error.code !== "MODULE_NOT_FOUND") return undefined;
  return /^Cannot find module '([^']+)'/.exec(error.message)?.[1];
}

function notInstalled(name: string, cause?: unknown): Error {
  const message =
    `algokeys/constructs needs the package ${name}, which is not installed. Install the construct library beside algokeys: ` +
    "`npm install cdktf@0.21 constructs@~10.7`, or its living fork: `npm install cdktn constructs@~10.7`.";
  return new Error(message, { cause });
}

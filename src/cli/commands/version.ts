import { release, type } from "node:os";
import { versions } from "node:process";
import { jsonDocument } from "../../report/shown.ts";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { packageVersion } from "../package-file.ts";

/** `algokeys version`: what to name in a report. */
export async function version(input: { readonly json?: boolean }, context: Context): Promise<ExitCode> {
  const about = { algokeys: await packageVersion(), node: versions.node, system: `${type()} ${release()}` };
  const text = `algokeys ${about.algokeys}\nnode ${about.node}, ${about.system}\n`;
  context.stdout.write(input.json === true ? jsonDocument(about) : text);
  return EXIT.ok;
}

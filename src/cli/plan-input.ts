import { createHash } from "node:crypto";
import { parsePlanFile } from "../plan/plan-file.ts";
import type { Plan } from "../plan/plan.ts";
import { readText } from "./declaration.ts";
import { EXIT } from "./exit-code.ts";
import { CommandFailure } from "./failure.ts";

/** SHA-256 in hexadecimal, as `core` and `plan` take it. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Reads a saved plan or ends the command. `shown` is the file's name as given. */
export async function readPlanFile(path: string, shown: string): Promise<Plan> {
  const read = parsePlanFile(await readText(path, shown), sha256);
  if (read.ok) return read.plan;
  const isDeclaration = /\.ya?ml$/i.test(shown);
  const fix = isDeclaration
    ? `To apply a declaration, write: algokeys apply -f ${shown}`
    : "Make it again with: algokeys plan --out FILE";
  const exitCode = read.problem === "tampered" ? EXIT.stale : EXIT.usage;
  throw new CommandFailure(exitCode, `${shown}: ${read.message}`, { fix });
}

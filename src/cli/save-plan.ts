import { chmod, readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { formatPlanFile, parsePlanFile } from "../plan/plan-file.ts";
import type { Plan } from "../plan/plan.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { CommandFailure } from "./failure.ts";
import { writeFailure } from "./file-failure.ts";
import { sha256 } from "./plan-input.ts";

/** Saves a plan for its owner alone; a file that is there and no plan is left as it is. */
export async function savePlan(made: Plan, file: string, context: Context): Promise<void> {
  const path = resolve(context.cwd, file);
  await refuseOtherFile(path, file);
  try {
    await writeFile(path, formatPlanFile(made, sha256), { mode: 0o600 });
    await chmod(path, 0o600);
  } catch (error) {
    throw writeFailure("the plan cannot be saved to", file, error);
  }
}

/** A plan may replace a plan; any other file that is there, such as the declaration itself, stays. */
async function refuseOtherFile(path: string, file: string): Promise<void> {
  const text = await readFile(path, "utf8").catch(() => "");
  if (text === "" || parsePlanFile(text, sha256).ok) return;
  throw new CommandFailure(EXIT.usage, `${file} is there already, and it is no plan; it is left as it is`, {
    fix: "Name another file for the plan.",
  });
}

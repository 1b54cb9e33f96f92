import type { AttributePath } from "../core/attribute-path.ts";
import { AT_VALUE, type Problem } from "./problem.ts";
import type { SourceFile } from "./source-file.ts";

/** Where something is in a stack's file, and which construct it comes from. */
export interface StackPlace {
  readonly path: AttributePath;
  /** The construct's path in its app; undefined for what is no construct's. */
  readonly construct: string | undefined;
}

/** A value that only Terraform can know. */
export function onlyTerraform(file: SourceFile, { path, construct }: StackPlace, expression: string): Problem {
  return {
    file,
    severity: "error",
    code: "terraform-only",
    summary: `\`${expression}\` is known to Terraform alone`,
    detail: construct === undefined ? undefined : `The construct is ${construct}.`,
    fix: "Plan this stack with terraform, or give the field a value that the app knows.",
    path,
    mark: AT_VALUE,
  };
}

/** A variable without a value. */
export function unsetVariable(file: SourceFile, { path, construct }: StackPlace, name: string): Problem {
  return {
    ...onlyTerraform(file, { path, construct }, name),
    code: "unset-variable",
    summary: `the variable \`${name}\` has no value`,
    fix: `Add --var ${name}=VALUE, or give the variable a default.`,
  };
}

/** A key without a name. */
export function lacksName(file: SourceFile, at: StackPlace): Problem {
  return {
    ...onlyTerraform(file, at, ""),
    code: "missing-field",
    summary: "the key does not state its `name`",
    fix: "Give it a name.",
  };
}

/** A block that states another owner of the keys than the declaration in YAML that it holds. */
export function disagreement(
  file: SourceFile,
  { path, construct }: StackPlace,
  field: "account" | "project",
  here: string,
  there: string,
): Problem {
  return {
    ...onlyTerraform(file, { path: [...path, field], construct }, field),
    code: "conflicting-files",
    summary: `the ${field} is ${JSON.stringify(here)} here, and ${JSON.stringify(there)} in the manifest`,
    fix: "Take one of them away, or make them agree.",
  };
}

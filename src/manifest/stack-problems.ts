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

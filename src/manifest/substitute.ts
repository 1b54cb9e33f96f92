import type { AttributePath } from "../core/attribute-path.ts";
import { suggest } from "../core/suggest.ts";
import { createProblems, type Problem, type Wording } from "./problem.ts";
import type { SourceFile } from "./source-file.ts";

/** What `${env.NAME}` and `${var.name}` stand for. */
export interface Variables {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly vars: Readonly<Record<string, string>>;
}

/** A value with its variables replaced. */
export interface Substitution {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** What was written where something was replaced, by {@link pathKey}: messages show that, never the value. */
  readonly written: ReadonlyMap<string, string>;
}

/** What stands in the place of a text with a reference to nothing: that has been told, and nothing else is said of it. */
export const UNSET: unique symbol = Symbol("unset");

/** A path as the key of a map. */
export function pathKey(path: AttributePath): string {
  return JSON.stringify(path);
}

const NONE: ReadonlyMap<string, string> = new Map();

/** `$${` is a literal `${`; a reference that is not closed is an error. What a variable holds is never looked at again. */
const REFERENCE = /\$\$\{|\$\{([^{}]*)(\}?)/g;
const FORM = /^(env|var)\.([A-Za-z_][A-Za-z0-9_.-]*)$/;

/**
 * Replaces references in every text of a value; names of fields are left alone. A text with a reference to nothing
 * becomes {@link UNSET}. The value itself is not changed.
 */
export function substitute(file: SourceFile, value: unknown, variables: Variables): Substitution {
  // Without these characters no text can hold a reference, however it is escaped, and nothing needs to be walked.
  const text = file.content?.text;
  if (text !== undefined && !text.includes("$") && !text.includes("\\")) return { value, problems: [], written: NONE };

  const problems = createProblems();
  const written = new Map<string, string>();
  const path: (string | number)[] = [];

  /** What a reference stands for. Nobody reads the suggestion of a problem that is only counted. */
  function meaningOf(reference: string, name: string, end: string | undefined): string | Wording {
    return end === "" ? UNCLOSED : lookUp(name, reference, variables, !problems.isFull(file, "unset-variable"));
  }

  function replaced(text: string): string | typeof UNSET {
    const occurrences = new Map<string, number>();
    const before = problems.count;
    const result = text.replace(REFERENCE, (reference: string, name: string | undefined, end: string | undefined) => {
      const occurrence = occurrences.get(reference) ?? 0;
      occurrences.set(reference, occurrence + 1);
      if (name === undefined) return "${";
      const found = meaningOf(reference, name, end);
      if (typeof found === "string") return found;
      const mark = { type: "within", text: reference, occurrence } as const;
      problems.push({ file, severity: "error", path: [...path], mark, ...found });
      return reference;
    });
    if (problems.count > before) return UNSET;
    if (occurrences.size > 0) written.set(pathKey(path), text);
    return result;
  }

  function walk(node: unknown): unknown {
    if (typeof node === "string") return node.includes("${") ? replaced(node) : node;
    if (typeof node !== "object" || node === null) return node;
    let copy: Record<string | number, unknown> | undefined;
    const steps = Array.isArray(node) ? node.keys() : Object.keys(node);
    for (const step of steps) {
      const inner: unknown = (node as Record<string | number, unknown>)[step];
      path.push(step);
      const outer = walk(inner);
      path.pop();
      if (outer === inner) continue;
      copy ??= (Array.isArray(node) ? [...(node as unknown[])] : { ...node }) as Record<string | number, unknown>;
      Object.defineProperty(copy, step, { value: outer, enumerable: true, configurable: true, writable: true });
    }
    return copy ?? node;
  }

  return { value: walk(value), problems: problems.list(), written };
}

const UNCLOSED: Wording = {
  code: "bad-reference",
  summary: "`${` is not closed",
  fix: "Close it with `}`; for a literal `${` write `$${`.",
};

function lookUp(name: string, reference: string, { env, vars }: Variables, suggests: boolean): string | Wording {
  const [, kind, variable = ""] = FORM.exec(name) ?? [];
  if (kind !== undefined) {
    const known = kind === "env" ? env : vars;
    const cure = kind === "env" ? `Set the environment variable ${variable}` : `Add --var ${variable}=VALUE`;
    return own(known, variable) ?? unset(reference, variable, cure, suggests ? known : {});
  }
  return {
    code: "bad-reference",
    summary: `\`${reference}\` refers to nothing`,
    fix: "Write `${env.NAME}` for an environment variable or `${var.name}` for --var; for a literal `${` write `$${`.",
  };
}

function own(values: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function unset(reference: string, name: string, cure: string, known: Readonly<Record<string, unknown>>): Wording {
  const near = suggest(name, Object.keys(known));
  const meant = near === undefined ? "" : `Did you mean \`${reference.replace(name, near)}\`? `;
  return { code: "unset-variable", summary: `\`${reference}\` is not set`, fix: `${meant}${cure}.` };
}

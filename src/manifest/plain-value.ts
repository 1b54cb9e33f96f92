import type { AttributePath } from "../core/attribute-path.ts";
import { formatPath } from "../core/attribute-path.ts";
import { MAX_DEPTH, NODES_PER_MIB } from "./limits.ts";
import type { Problem, Wording } from "./problem.ts";
import type { SourceFile } from "./source-file.ts";

/** A copy of what a module exports. Undefined properties are left out, as in JSON; what is no plain data is a problem, and then there is no value. */
export function plainValue(file: SourceFile, exported: unknown): { value: unknown; problems: readonly Problem[] } {
  const problems: Problem[] = [];
  let nodes = 0;

  function fault(path: AttributePath, wording: Wording): null {
    problems.push({ file, severity: "error", path, mark: { type: "value" }, ...wording });
    return null;
  }

  function copy(value: unknown, path: AttributePath): unknown {
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    if (typeof value !== "object") return fault(path, notPlain(path, typeof value));
    if (path.length >= MAX_DEPTH) {
      return fault(path, {
        code: "too-deep",
        summary: `the value is nested more than ${String(MAX_DEPTH)} deep`,
        fix: "Look for an object that holds itself.",
      });
    }
    if (++nodes > NODES_PER_MIB) return null;
    if (Array.isArray(value)) return Array.from(value as unknown[], (entry, index) => copy(entry, [...path, index]));
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
      return fault(path, notPlain(path, className(value)));
    const result: Record<string, unknown> = {};
    for (const [name, inner] of Object.entries(value)) {
      if (inner === undefined) continue;
      const copied = copy(inner, [...path, name]);
      Object.defineProperty(result, name, { value: copied, enumerable: true, configurable: true, writable: true });
    }
    return result;
  }

  const value = copy(exported, []);
  if (nodes > NODES_PER_MIB)
    fault([], {
      code: "too-many-nodes",
      summary: `the module exports more than ${NODES_PER_MIB.toLocaleString("en-US")} values`,
    });
  return { value: problems.length > 0 ? undefined : value, problems };
}

function notPlain(path: AttributePath, kind: string): Wording {
  const where = path.length === 0 ? "the export" : `\`${formatPath(path)}\``;
  const article = /^[aeiou]/i.test(kind) ? "an" : "a";
  return {
    code: "wrong-type",
    summary: `${where} is ${article} ${kind}; a declaration is plain data`,
    fix: "Export text, numbers, true, false, null, lists and plain objects only.",
  };
}

function className(value: object): string {
  const { constructor } = value as { readonly constructor?: unknown };
  return typeof constructor === "function" && constructor.name !== "" ? constructor.name : "class instance";
}

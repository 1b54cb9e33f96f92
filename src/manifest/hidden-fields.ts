import type { AttributePath } from "../core/attribute-path.ts";
import type { HiddenEntry } from "./field-faults.ts";
import type { HiddenField, Problem, RelatedProblem } from "./problem.ts";

/** A declaration in which a hidden field stands in the place of the one that hides it, with no more than is judged with it. */
export interface HiddenVariant {
  readonly path: AttributePath;
  readonly hidden: HiddenField;
  readonly value: unknown;
}

/** The variants that are worth checking; `left` counts those that would hold more values than the budget allows. */
export interface HiddenVariants {
  readonly variants: readonly HiddenVariant[];
  readonly left: number;
}

/**
 * What later fields of the same name hide, each in a declaration of its own, so that mistakes there are told in the same
 * pass. `budget` is how many values all of them may hold. They are copies: checking one changes nothing elsewhere.
 */
export function hiddenVariants(entries: readonly HiddenEntry[], budget: number): HiddenVariants {
  const copy = createCopier(budget);
  const variants: HiddenVariant[] = [];
  for (const entry of entries) {
    const value = copy(variantOf(entry));
    if (value === undefined) break;
    const path = pathOf(entry);
    variants.push({ path, hidden: { depth: path.length, entry: entry.entry }, value });
  }
  return { variants, left: entries.length - variants.length };
}

/** The problems with a variant that are about its hidden field, led to that field instead of the one that hides it. */
export function hiddenProblems({ path, hidden }: HiddenVariant, problems: readonly Problem[]): Problem[] {
  const lies = (other: { readonly path: AttributePath }): boolean =>
    path.every((step, depth) => other.path[depth] === step);
  const led = (related: RelatedProblem): RelatedProblem => (lies(related) ? { ...related, hidden } : related);
  return problems.filter(lies).map((problem) => ({ ...problem, hidden, related: problem.related?.map(led) }));
}

function pathOf({ path, entry }: HiddenEntry): AttributePath {
  return [...path, entry.text];
}

function variantOf(entry: HiddenEntry): unknown {
  const path = pathOf(entry);
  const { value, holders } = entry;
  const [outermost] = path;
  const [declaration] = holders;
  if (typeof outermost !== "string" || !isMap(declaration)) return {};
  // Of the other keys nothing is needed; of a key, or of what else holds the field, everything.
  const beside = outermost === "keys" ? 2 : 1;
  let inner = value;
  for (let depth = path.length - 1; depth >= 1; depth--) {
    const holder = holders[depth];
    const step = path[depth] ?? 0;
    if (Array.isArray(holder)) inner = holder.with(Number(step), inner);
    else inner = { ...(depth >= beside && isMap(holder) ? holder : {}), [step]: inner };
  }
  const { account, defaults } = declaration;
  const rest = { ...(account !== undefined && { account }), ...(defaults !== undefined && { defaults }) };
  return { version: 1, ...rest, keys: {}, [outermost]: inner };
}

/** Copies lists and maps as long as the budget of values lasts; undefined once it is spent. */
function createCopier(budget: number): (value: unknown) => unknown {
  let left = budget;
  function copy(value: unknown): unknown {
    if (--left < 0) return undefined;
    if (Array.isArray(value)) return value.map(copy);
    return isMap(value) ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copy(inner)])) : value;
  }
  return (value) => {
    const copied = copy(value);
    return left < 0 ? undefined : copied;
  };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The values of a stack's variables: what was given from outside, else their defaults. */
export interface StackVariables {
  readonly given: Readonly<Record<string, string>>;
  readonly declared: Readonly<Record<string, { readonly default?: unknown; readonly type?: unknown }>>;
}

/** What a text of Terraform's JSON means where Terraform does not run. */
export type StackText =
  | { readonly type: "known"; readonly value: unknown; readonly replaced: boolean }
  /** It holds a variable that has no value. */
  | { readonly type: "unset"; readonly name: string }
  /** It holds an expression that only Terraform can evaluate. */
  | { readonly type: "expression"; readonly expression: string };

/** The variables of a stack. */
export function stackVariables(
  declared: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, string>>,
): StackVariables {
  return { given, declared: declared as StackVariables["declared"] };
}

/** A template in Terraform's texts: an escape, an expression, or a directive. */
const TEMPLATE = /\$\$\{|%%\{|\$\{([^{}]*)\}|\$\{|%\{/g;
const VARIABLE = /^\s*var\.([A-Za-z_][A-Za-z0-9_-]*)\s*$/;

/** Reads a text: escapes are undone and variables replaced. A text that is one variable alone has the variable's type. */
export function stackText(text: string, variables: StackVariables): StackText {
  if (!text.includes("{")) return { type: "known", value: text, replaced: false };
  const [, whole] = /^\$\{([^{}]*)\}$/.exec(text) ?? [];
  const alone = whole === undefined ? undefined : VARIABLE.exec(whole)?.[1];
  if (alone !== undefined) return valueOf(alone, variables);
  const fault: { found?: StackText } = {};
  let replaced = false;
  const value = text.replace(TEMPLATE, (template, expression: string | undefined) => {
    if (template === "$${" || template === "%%{") return template.slice(1);
    const name = expression === undefined ? undefined : VARIABLE.exec(expression)?.[1];
    const read: StackText =
      name === undefined ? { type: "expression", expression: template } : valueOf(name, variables);
    if (read.type === "known") {
      replaced = true;
      return String(read.value);
    }
    fault.found ??= read.type === "expression" ? { ...read, expression: shownExpression(text, template) } : read;
    return "";
  });
  return fault.found ?? { type: "known", value, replaced };
}

function valueOf(name: string, { given, declared }: StackVariables): StackText {
  const variable = Object.hasOwn(declared, name) ? declared[name] : undefined;
  if (Object.hasOwn(given, name)) {
    const value = given[name];
    const isFlag = variable?.type === "bool" && (value === "true" || value === "false");
    return { type: "known", value: isFlag ? value === "true" : value, replaced: true };
  }
  const value = variable?.default;
  return value === undefined || value === null ? { type: "unset", name } : { type: "known", value, replaced: true };
}

/** An expression that holds braces itself is shown to the end of the text. */
function shownExpression(text: string, template: string): string {
  return template.endsWith("}") ? template : text.slice(text.indexOf(template)).slice(0, 100);
}

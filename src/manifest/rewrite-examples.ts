/**
 * Rewrites the examples in a diagnostic's words, which are YAML, for a language that writes `name`, `between` and a value
 * with its texts in quotes: HCL (` = `) and TypeScript (`: `).
 */
export function rewriteExamples(text: string, between: " = " | ": "): string {
  return text.replace(/`(\w+): ([^`]+)`/g, (_, name: string, value: string) => `\`${name}${between}${quoted(value)}\``);
}

function quoted(yaml: string): string {
  if (/^(?:true|false|\d+|\{\}|".*")$/.test(yaml)) return yaml;
  const [, list] = /^\[(.*)\]$/.exec(yaml) ?? [];
  if (list === undefined) return JSON.stringify(yaml);
  return `[${list === "" ? "" : list.split(", ").map(quoted).join(", ")}]`;
}

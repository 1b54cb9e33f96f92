import { constructId } from "./construct-id.ts";
import { quotedText, writtenKeys, type WrittenKey } from "./write-source.ts";
import type { Declarable } from "./write-yaml.ts";

/**
 * Writes live keys as an app of CDKTF in TypeScript, which is JavaScript too. Each key is imported, so that a plan takes it
 * over as it is and changes nothing; once that is applied, `importFrom` can go.
 */
export function writeTypeScript({ account, project, keys }: Declarable): string {
  const blocks = writtenKeys({ keys }).map((key) => keyStatement(key, account));
  return `import { App, LocalBackend, TerraformStack } from "cdktf";
import { AlgorithmiaProvider, ApiKey } from "algokeys/constructs";

const app = new App();
const stack = new TerraformStack(app, ${text(project)});
new LocalBackend(stack, { path: "terraform.tfstate" });
new AlgorithmiaProvider(stack, "algorithmia", { account: ${text(account)}, project: ${text(project)} });

${blocks.join("\n")}
app.synth();
`;
}

function keyStatement({ name, fields }: WrittenKey, account: string): string {
  const lines = Object.entries({ name, ...fields }).map(([field, value]) => `  ${field}: ${valueText(value)},\n`);
  return `new ApiKey(stack, ${text(constructId(name))}, {\n${lines.join("")}}).importFrom(${text(`${account}/${name}`)});\n`;
}

function valueText(value: unknown): string {
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) return `[${value.map(valueText).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const entries = Object.entries(value).map(([name, inner]) => `${propertyText(name)}: ${valueText(inner)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

function propertyText(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) && name !== "__proto__" ? name : text(name);
}

function text(value: string): string {
  return quotedText(value, (codePoint) => `\\u{${codePoint.toString(16)}}`);
}

import { quotedText, writtenKeys, type WrittenKey } from "./write-source.ts";
import type { Declarable } from "./write-yaml.ts";

/**
 * Writes live keys as a configuration for Terraform, formatted as `terraform fmt` does. Each key has an `import` block, so that
 * a plan takes it over as it is and changes nothing; once that is applied, those blocks can go.
 */
export function writeHcl({ account, project, keys }: Declarable): string {
  const head = `terraform {
  required_providers {
    algorithmia = {
      source = "algokeys/algorithmia"
    }
  }
}

provider "algorithmia" {
  account = ${hclText(account)}
  project = ${hclText(project)}
}
`;
  const taken = new Set<string>();
  const blocks = writtenKeys({ keys }).map((key) => keyBlocks(key, account, addressFor(key.name, taken)));
  return [head, ...blocks].join("\n");
}

function keyBlocks({ name, fields }: WrittenKey, account: string, address: string): string {
  const all = Object.entries({ name, ...fields });
  const width = Math.max(...all.map(([field]) => field.length));
  const lines = all.map(([field, value]) => `  ${field.padEnd(width)} = ${hclValue(value)}\n`);
  return `import {
  to = algorithmia_api_key.${address}
  id = ${hclText(`${account}/${name}`)}
}

resource "algorithmia_api_key" "${address}" {
${lines.join("")}}
`;
}

/** An identifier like the key's name that no other key has. */
function addressFor(name: string, taken: Set<string>): string {
  const plain = name.replace(/[^A-Za-z0-9_-]/g, "_").replace(/^(?=[0-9-])/, "_");
  let address = plain;
  for (let count = 2; taken.has(address); count++) address = `${plain}_${String(count)}`;
  taken.add(address);
  return address;
}

function hclValue(value: unknown): string {
  if (typeof value === "string") return hclText(value);
  if (Array.isArray(value)) return `[${value.map(hclValue).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const entries = Object.entries(value).map(([name, inner]) => `${hclName(name)} = ${hclValue(inner)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

/** A name within an object; quoted where it is no identifier. */
function hclName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(name) ? name : hclText(name);
}

/** A text in which nothing begins a template. */
function hclText(text: string): string {
  const escape = (codePoint: number): string =>
    codePoint > 0xffff
      ? `\\U${codePoint.toString(16).padStart(8, "0")}`
      : `\\u${codePoint.toString(16).padStart(4, "0")}`;
  return quotedText(text, escape).replace(/[$%](?=\{)/g, (sign) => sign + sign);
}

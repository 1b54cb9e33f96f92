import { coversAlgorithm, parseAlgorithmPattern } from "../../core/algorithm-pattern.ts";
import { printable } from "../../core/printable.ts";
import { loadManifest } from "../../manifest/load.ts";
import { hasErrors } from "../../core/diagnostic.ts";
import type { ProviderFunction } from "../framework/provider-definition.ts";
import type { CtyType } from "../protocol/cty-type.ts";
import { objectType } from "../protocol/schema.ts";
import { attributesOf, SPEC_ATTRIBUTES } from "./spec-attributes.ts";

const KEYS: CtyType = ["map", objectType(SPEC_ATTRIBUTES)];

/** `provider::algorithmia::manifest`: a declaration as values, for `for_each`. */
export const manifestFunction: ProviderFunction = {
  summary: "Reads a declaration of keys",
  description:
    "Reads a declaration in YAML, checks it as the command line does, and gives its keys by name, with every default filled " +
    "in: for `for_each` over `algorithmia_api_key`. A declaration with `${env...}` or `${var...}` is for " +
    "`algorithmia_api_keys`, which has values for them.",
  parameters: [{ name: "yaml", type: "string", description: 'The declaration, such as `file("keys.yaml")`.' }],
  returns: KEYS,
  call: async ([yaml]) => {
    const stdin = (): Promise<Uint8Array> => Promise.resolve(new TextEncoder().encode(yaml as string));
    const read = await loadManifest(["-"], { cwd: "/", env: {}, vars: {}, stdin });
    if (read.ok) {
      const keys = read.value.keys.map(({ name, spec }) => [name, attributesOf(spec)] as const);
      return { ok: true, value: Object.fromEntries(keys) };
    }
    const errors = read.diagnostics.filter((diagnostic) => hasErrors([diagnostic]));
    const told = errors.slice(0, MOST_TOLD).map(({ summary, fix, range }) => {
      const place =
        range === undefined ? "" : `line ${String(range.start.line)}, column ${String(range.start.column)}: `;
      return printable(`${place}${summary}${fix === undefined ? "" : `. ${withoutPeriod(fix)}`}`);
    });
    const more = errors.length > MOST_TOLD ? [`and ${String(errors.length - MOST_TOLD)} more`] : [];
    const lines = [...told, ...more].map((line) => `\n  - ${line}`);
    return { ok: false, text: `The declaration cannot be used:${lines.join("")}`, argument: 0 };
  },
};

/** Terraform sets a period behind the text of a function's error. */
function withoutPeriod(text: string): string {
  return text.replace(/\.$/, "");
}

/** How many mistakes are told one by one. */
const MOST_TOLD = 10;

/** `provider::algorithmia::covers`: whether one pattern allows all that another does. */
export const coversFunction: ProviderFunction = {
  summary: "Compares two algorithm patterns",
  description: "True if everything that the second pattern allows is allowed by the first too.",
  parameters: [
    { name: "wide", type: "string", description: "The pattern that may cover, such as `algo://demos/*`." },
    { name: "narrow", type: "string", description: "The pattern that may be covered, such as `algo://demos/hello`." },
  ],
  returns: "bool",
  call: (args) => {
    const [wide, narrow] = args.map((text) => parseAlgorithmPattern(text as string));
    if (wide !== undefined && narrow !== undefined) return { ok: true, value: coversAlgorithm(wide, narrow) };
    const text =
      "That is no algorithm pattern. Write algo://*, algo://owner/*, algo://owner/name or algo://owner/name/version";
    return { ok: false, text, argument: wide === undefined ? 0 : 1 };
  },
};

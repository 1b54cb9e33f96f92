// The provider's documentation in the layout of Terraform's registry, from the schema that the provider itself answers with
// and from the configurations of examples/terraform, which tests run.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ProviderSchema, SchemaAttribute, SchemaAttributes } from "../src/terraform/protocol/schema.ts";
import type { CtyType } from "../src/terraform/protocol/cty-type.ts";
import { algorithmiaProvider } from "../src/terraform/resources/algorithmia-provider.ts";

/** What a page shows beside its schema. */
interface Extras {
  /** The folder of `examples/terraform` whose configuration is shown. */
  readonly example: string;
  readonly notes?: string;
  readonly import?: string;
}

const SECRETS = `## Secrets

There are three ways, the first the best:

1. \`secret_wo\` with \`secret_wo_version\`, fed by an ephemeral \`algorithmia_secret\`. The secret is in no plan and no state.
   The same ephemeral value can feed the write-only argument of whatever is to hold it (a vault, a Kubernetes secret) in
   the same apply. To rotate, count both versions up together.
2. The ephemeral \`algorithmia_secret\` alone, for what else takes a key's secret in the same run.
3. \`keep_secret_in_state = true\`: the provider draws the secret and keeps it as \`secret\`. Everyone who reads the state reads it.

A further secret is added in place: the key's id stays, and so does everything that refers to it. The secret before goes on
working until the new one is confirmed, and then for \`rotation.overlap\`. The provider confirms it at the next refresh, when
Terraform has written the state that tells of it.`;

const EXTRAS: Readonly<Record<string, Extras>> = {
  index: { example: "api-key" },
  "resources/api_key": {
    example: "api-key",
    notes: SECRETS,
    import: `By id, or by account and name:

\`\`\`terraform
import {
  to = algorithmia_api_key.web
  id = "acme/storefront-web"
}
\`\`\`

Or by its identity, which no rename changes (Terraform 1.12 or later):

\`\`\`terraform
import {
  to = algorithmia_api_key.web
  identity = {
    account = "acme"
    id      = "7240b835bacd23a0d37a3771" # as the platform gave it
  }
}
\`\`\`

\`terraform plan -generate-config-out=keys.tf\` writes its configuration. A key of another project is refused; one that
nobody manages is taken over at its next change.`,
  },
  "resources/api_keys": {
    example: "project",
    import: `By account and project, \`id = "acme/storefront"\`, or by its identity (Terraform 1.12 or later):

\`\`\`terraform
import {
  to = algorithmia_api_keys.all
  identity = {
    account = "acme"
    project = "storefront"
  }
}
\`\`\`

The generated configuration states the keys as a map.`,
  },
  "data-sources/api_key": { example: "access-check" },
  "data-sources/api_keys": { example: "access-check" },
  "data-sources/access": { example: "access-check" },
  "ephemeral-resources/secret": { example: "api-key", notes: SECRETS },
  "functions/manifest": { example: "for-each" },
  "functions/covers": { example: "for-each" },
};

/** Every page by its path below the folder of the documentation. `root`: the folder of this package. */
export function providerDocs(root: string): Readonly<Record<string, string>> {
  const { schema } = algorithmiaProvider(NO_WORLD);
  const pages: [string, string][] = [];
  const add = (path: string, title: string, description: string, body: string): void => {
    const { example, notes, import: howToImport } = EXTRAS[path] ?? { example: "api-key" };
    const hcl = readFileSync(join(root, "examples/terraform", example, "main.tf"), "utf8").trim();
    const parts = [
      `---\npage_title: ${JSON.stringify(title)}\nsubcategory: ""\ndescription: |-\n  ${firstSentence(description)}\n---`,
      `<!-- Made by .config/generate.mjs from the provider's schema; do not edit. -->`,
      `# ${title}`,
      description,
      `## Example Usage\n\n\`\`\`terraform\n${hcl}\n\`\`\``,
      ...(notes === undefined ? [] : [notes]),
      body,
      ...(howToImport === undefined ? [] : [`## Import\n\n${howToImport}`]),
    ];
    pages.push([`${path}.md`, `${parts.join("\n\n")}\n`]);
  };
  add("index", "algorithmia Provider", schema.provider.description, schemaText(schema.provider.attributes));
  addAll(schema, "resources", "Resource", add);
  addAll(schema, "dataSources", "Data Source", add);
  addAll(schema, "ephemeralResources", "Ephemeral Resource", add);
  for (const [name, { description, summary, parameters, returns }] of Object.entries(schema.functions)) {
    const list = parameters.map(
      (one, index) => `${String(index + 1)}. \`${one.name}\` (${typeText(one.type)}): ${one.description}`,
    );
    const call = `${name}(${parameters.map((one) => `${one.name} ${typeText(one.type)}`).join(", ")}) ${typeText(returns)}`;
    const body = `## Signature\n\n\`\`\`text\n${call}\n\`\`\`\n\n## Arguments\n\n${list.join("\n")}`;
    add(`functions/${name}`, `${name} function`, `${summary}. ${description}`, body);
  }
  return Object.fromEntries(pages);
}

const FOLDERS = {
  resources: "resources",
  dataSources: "data-sources",
  ephemeralResources: "ephemeral-resources",
} as const;

function addAll(
  schema: ProviderSchema,
  kind: keyof typeof FOLDERS,
  noun: string,
  add: (path: string, title: string, description: string, body: string) => void,
): void {
  for (const [name, one] of Object.entries(schema[kind])) {
    const path = `${FOLDERS[kind]}/${name.replace(/^algorithmia_/, "")}`;
    add(path, `${name} (${noun})`, one.description, schemaText(one.attributes));
  }
}

function schemaText(attributes: SchemaAttributes): string {
  const groups = [
    ["Required", ["author"]],
    ["Optional", ["author-or-null", "author-or-provider"]],
    ["Read-Only", ["provider"]],
  ] as const;
  const sections = groups.flatMap(([title, setters]) => {
    const lines = Object.entries(attributes)
      .filter(([, { setBy }]) => (setters as readonly string[]).includes(setBy))
      .flatMap(([name, attribute]) => attributeLines(name, attribute, ""));
    return lines.length === 0 ? [] : [`### ${title}\n\n${lines.join("\n")}`];
  });
  return `## Schema\n\n${sections.join("\n\n")}`;
}

function attributeLines(name: string, attribute: SchemaAttribute, indent: string): readonly string[] {
  const { nested, description, sensitive, writeOnly } = attribute;
  const kind = nested === undefined ? typeText(attribute.type ?? "dynamic") : nestedText(nested.nesting);
  const marks = [kind, ...(sensitive === true ? ["Sensitive"] : []), ...(writeOnly === true ? ["Write-only"] : [])];
  const line = `${indent}- \`${name}\` (${marks.join(", ")}) ${description}`;
  if (nested === undefined) return [line];
  const inner = Object.entries(nested.attributes).flatMap(([one, part]) => attributeLines(one, part, `${indent}  `));
  return [line, ...inner];
}

function nestedText(nesting: string): string {
  return nesting === "single" ? "Object" : `${nesting.charAt(0).toUpperCase()}${nesting.slice(1)} of Object`;
}

function typeText(type: CtyType): string {
  if (type === "bool") return "Boolean";
  if (typeof type === "string") return type.charAt(0).toUpperCase() + type.slice(1);
  if (type[0] === "object" || type[0] === "tuple") return "Object";
  return `${type[0].charAt(0).toUpperCase()}${type[0].slice(1)} of ${typeText(type[1])}`;
}

function firstSentence(text: string): string {
  return /^.*?[.:](?= |$)/.exec(text)?.[0].replace(/:$/, ".") ?? text;
}

/** The schema asks nothing of the world. */
const NO_WORLD: Parameters<typeof algorithmiaProvider>[0] = {
  env: {},
  readFile: () => "",
  random: (count) => new Uint8Array(count),
  sha256: () => "",
  now: () => 0,
  from: "",
  sleep: () => Promise.resolve(),
  openEmbedded: () => Promise.reject(new Error("nothing is opened here")),
};

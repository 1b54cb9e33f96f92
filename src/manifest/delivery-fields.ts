import type { AttributePath } from "../core/attribute-path.ts";
import type { Delivery } from "../core/delivery.ts";
import { problemIn, type DeclarationFile, type Sound } from "./declaration-file.ts";
import type { DeliveryDeclaration } from "./declaration.generated.ts";
import { AT_NAME, type Problems } from "./problem.ts";

type Field = Exclude<keyof DeliveryDeclaration, "to">;

/** Which fields go with each kind of place; those that must be stated come with an example. */
const FIELDS: Readonly<
  Record<Delivery["to"], { readonly needs: Readonly<Partial<Record<Field, string>>>; readonly may: readonly Field[] }>
> = {
  dotenv: { needs: { file: "file: .env", name: "name: ALGORITHMIA_API_KEY" }, may: [] },
  json: { needs: { file: "file: secrets.json", name: "name: apiKey" }, may: [] },
  age: { needs: { file: "file: secrets/web.age", recipients: "recipients: [age1...]" }, may: [] },
  command: { needs: { command: "command: [gh, secret, set, ALGORITHMIA_API_KEY]" }, may: ["env", "read"] },
  "github-env": { needs: { name: "name: ALGORITHMIA_API_KEY" }, may: [] },
  "github-output": { needs: { name: "name: api-key" }, may: [] },
};

/** Tells which fields a delivery lacks, and which say nothing with its kind of place. */
export function checkDeliveryFields(
  from: DeclarationFile,
  path: AttributePath,
  to: Delivery["to"],
  delivery: Sound<DeliveryDeclaration>,
  problems: Problems,
): void {
  const { needs, may } = FIELDS[to];
  for (const [field, example] of Object.entries(needs)) {
    // One that is there with no value has been told by the schema.
    if (Object.hasOwn(delivery, field)) continue;
    const summary = `the delivery does not state \`${field}\``;
    problems.push(problemIn(from, path, { code: "missing-field", summary, fix: `Add \`${example}\`.` }));
  }
  const known: readonly string[] = ["to", ...Object.keys(needs), ...may];
  for (const field of ALL_FIELDS) {
    if (!Object.hasOwn(delivery, field) || known.includes(field)) continue;
    const wording = { code: "unknown-field", summary: `\`${field}\` does not go with \`to: ${to}\`` } as const;
    const fix = `Remove it; the fields here are ${known.map((name) => `\`${name}\``).join(", ")}.`;
    problems.push(problemIn(from, [...path, field], { ...wording, fix }, { mark: AT_NAME }));
  }
}

const ALL_FIELDS: readonly Field[] = ["file", "name", "recipients", "command", "env", "read"];

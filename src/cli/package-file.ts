import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** The schemas that the package ships. */
export type SchemaKind = "manifest" | "plan" | "report";

/** Where editors find the declaration's schema; versioned, so that a file goes on meaning what it meant. */
export const SCHEMA_URL = "https://algokeys.dev/schemas/v1/manifest.schema.json";

/** The text of a schema. */
export async function readSchema(kind: SchemaKind): Promise<string> {
  return await readPackageFile(`schemas/${kind}.schema.json`);
}

/** The text of the management API's description. */
export async function readApiDescription(): Promise<string> {
  return await readPackageFile("schemas/key-api.openapi.json");
}

/** The package's version. */
export async function packageVersion(): Promise<string> {
  return (JSON.parse(await readPackageFile("package.json")) as { version: string }).version;
}

/** A file of the package. `src/cli` and `dist/cli` lie equally deep in it, so one path fits both. */
async function readPackageFile(path: string): Promise<string> {
  return await readFile(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");
}

import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { readSchema, type SchemaKind } from "../package-file.ts";

/** `algokeys schema`: prints one of the JSON schemas, for editors and for tools that read our output. */
export async function schema(input: { readonly kind: SchemaKind }, context: Context): Promise<ExitCode> {
  context.stdout.write(await readSchema(input.kind));
  return EXIT.ok;
}

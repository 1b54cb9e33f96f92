import type { CommandLineFields } from "./key-fields.ts";

/**
 * What the command line alone reads of a key, where Terraform reads nothing: under `//`, the place for comments in
 * Terraform's JSON. `manifest/synthesized-stack.ts` is the reader.
 */
export function commandLineMetadata({ renamedFrom, deliver, tests }: CommandLineFields): Record<string, unknown> {
  const stated = { renamed_from: renamedFrom, deliver, tests };
  const entries = Object.entries(stated).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? {} : { "//": { algokeys: Object.fromEntries(entries) } };
}

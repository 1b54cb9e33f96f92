import type { Declaration } from "./declaration.generated.ts";

/** A declaration whose keys all state `algorithms`, each itself or the defaults for all. */
export type StatedDeclaration =
  | (Declaration & { readonly defaults: { readonly algorithms: readonly string[] } })
  | (Declaration & { readonly keys: Readonly<Record<string, { readonly algorithms: readonly string[] }>> });

/**
 * Gives a declaration in TypeScript its type: editors complete and check it. The module exports the result as its
 * default, or under the name `manifest`. The value is plain data; it is checked again when it is loaded.
 */
export function defineManifest(declaration: StatedDeclaration): Declaration {
  return declaration;
}

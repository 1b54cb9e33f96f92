import type { Declaration } from "./declaration.generated.ts";

/**
 * Gives a declaration in TypeScript its type: editors complete and check it. The module exports the result as its
 * default, or under the name `manifest`. The value is plain data; it is checked again when it is loaded.
 */
export function defineManifest(declaration: Declaration): Declaration {
  return declaration;
}

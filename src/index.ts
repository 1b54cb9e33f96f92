/**
 * The library's entry: what a declaration in TypeScript needs, and the pure rules that decide on access, for those who
 * test their keys in code.
 */
export { defineManifest, type StatedDeclaration } from "./manifest/define.ts";
export type { Declaration } from "./manifest/declaration.generated.ts";
export { authorize, type AccessKey, type AccessRequest, type AccessTarget, type Decision } from "./core/authorize.ts";

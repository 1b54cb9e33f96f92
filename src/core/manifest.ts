import type { AccessTest } from "./access-test.ts";
import type { Delivery } from "./delivery.ts";
import type { KeySpec } from "./key-spec.ts";

/** A declaration, validated and resolved: defaults filled in, variables replaced, files joined. */
export interface Manifest {
  readonly account: string;
  readonly project: string;
  /** Sorted by name, so that the order of files and entries never matters. */
  readonly keys: readonly ManifestKey[];
  readonly source: ManifestSource;
}

/** What a manifest was read from. A saved plan is bound to it. */
export interface ManifestSource {
  /** The files that were read, sorted; `-` is standard input. */
  readonly files: readonly string[];
  /** `sha256:` and the digest over the files' names and contents, before variables. */
  readonly digest: string;
}

/** One declared key. */
export interface ManifestKey {
  readonly name: string;
  readonly spec: KeySpec;
  /** The name it had before, if the declaration renames it. */
  readonly renamedFrom: string | null;
  readonly deliver: readonly Delivery[];
  readonly tests: readonly AccessTest[];
}

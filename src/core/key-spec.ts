import type { Origins } from "./caller-origin.ts";
import type { DataAccess } from "./data-access.ts";

/**
 * What is declared of a key, with every default filled in and every value checked. Lists stand as they were written;
 * `canonicalSpec` is the form to compare.
 */
export interface KeySpec {
  readonly description: string;
  /** Patterns that {@link parseAlgorithmPattern} accepts, as written. */
  readonly algorithms: readonly string[];
  readonly origins: Origins;
  readonly data: DataAccess;
  /** May manage the account's algorithms. */
  readonly management: boolean;
  readonly enabled: boolean;
  /** An RFC 3339 instant in UTC after which the key is refused, or null for never. */
  readonly expires: string | null;
  /** While true, the platform refuses to delete the key. */
  readonly protect: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly rotation: Rotation | null;
}

/** When a key's credential is replaced. Durations as declared, such as `90d` or `24h`. */
export interface Rotation {
  readonly every: string;
  /** How long the credential that is replaced goes on working after the new one is delivered. */
  readonly overlap: string;
}

/** The names of a spec's fields, in the order in which they are shown everywhere. */
export const SPEC_FIELDS = [
  "description",
  "algorithms",
  "origins",
  "data",
  "management",
  "enabled",
  "expires",
  "protect",
  "labels",
  "rotation",
] as const satisfies readonly (keyof KeySpec)[];

/** What a field is when it is not declared (design section 2). `algorithms` must be stated, so its default allows nothing. */
export const DEFAULT_SPEC: KeySpec = {
  description: "",
  algorithms: [],
  origins: { native: true, web: "none" },
  data: "none",
  management: false,
  enabled: true,
  expires: null,
  protect: false,
  labels: {},
  rotation: null,
};

/** The overlap of a rotation that states none. */
export const DEFAULT_OVERLAP = "24h";

/**
 * The key that every account is born with: everything allowed, as on the original platform, whose code snippets show
 * it (the seed page; its screenshot names Read and Write, both kinds of caller and management).
 */
export const DEFAULT_KEY_NAME = "default-key";

/** The spec of a new account's {@link DEFAULT_KEY_NAME}. */
export const DEFAULT_KEY_SPEC: KeySpec = {
  ...DEFAULT_SPEC,
  description: "Made with the account; shown in code snippets",
  algorithms: ["algo://*"],
  origins: { native: true, web: "any" },
  data: "readwrite",
  management: true,
};

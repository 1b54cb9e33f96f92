import type { Origins } from "./caller-origin.ts";
import { DEFAULT_OVERLAP, DEFAULT_SPEC, SPEC_FIELDS, type KeySpec } from "./key-spec.ts";

/** `origins` as it is written everywhere: in YAML, HCL, the key API, plans and stores. */
export interface DeclaredOrigins {
  readonly native?: boolean | undefined;
  readonly web?: boolean | undefined;
  readonly referrers?: readonly string[] | undefined;
}

/**
 * A spec as it is written everywhere: the same names and values in YAML, TypeScript, HCL, the key API and plans, with
 * whatever equals its default left out or stated, as the author likes.
 */
export type DeclaredSpec = {
  readonly [Field in Exclude<keyof KeySpec, "origins" | "rotation">]?: KeySpec[Field] | undefined;
} & {
  readonly origins?: DeclaredOrigins | undefined;
  readonly rotation?: { readonly every: string; readonly overlap?: string | undefined } | null | undefined;
};

/**
 * The spec that a checked declaration means. The caller has validated it: here only defaults are filled in. Undefined
 * origins (nobody may call, or referrers without web) are the caller's to refuse; they become the default.
 */
export function specOf(declared: DeclaredSpec): KeySpec {
  return {
    description: declared.description ?? DEFAULT_SPEC.description,
    algorithms: declared.algorithms ?? DEFAULT_SPEC.algorithms,
    origins: originsOf(declared.origins) ?? DEFAULT_SPEC.origins,
    data: declared.data ?? DEFAULT_SPEC.data,
    management: declared.management ?? DEFAULT_SPEC.management,
    enabled: declared.enabled ?? DEFAULT_SPEC.enabled,
    expires: declared.expires ?? DEFAULT_SPEC.expires,
    protect: declared.protect ?? DEFAULT_SPEC.protect,
    labels: declared.labels ?? DEFAULT_SPEC.labels,
    rotation: declared.rotation
      ? { every: declared.rotation.every, overlap: declared.rotation.overlap ?? DEFAULT_OVERLAP }
      : null,
  };
}

/** The origins that a declaration means, or undefined if they cannot be meant: nobody may call, or hosts without web. */
export function originsOf(declared: DeclaredOrigins | undefined): Origins | undefined {
  const { native = true, web = false, referrers } = declared ?? {};
  if (!web) return native && referrers === undefined ? { native, web: "none" } : undefined;
  if (referrers === undefined) return { native, web: "any" };
  const [first, ...rest] = referrers;
  return first === undefined ? undefined : { native, web: { hosts: [first, ...rest] } };
}

/** The written form of a whole spec, every field stated. */
export function declaredSpec(spec: KeySpec): Required<DeclaredSpec> {
  return { ...spec, origins: declaredOrigins(spec.origins) };
}

/** The shortest written form: `algorithms` and whatever differs from its default, in the order of `SPEC_FIELDS`. */
export function shortDeclaredSpec(spec: KeySpec): DeclaredSpec {
  const stated = SPEC_FIELDS.filter(
    (field) => field === "algorithms" || JSON.stringify(spec[field]) !== JSON.stringify(DEFAULT_SPEC[field]),
  );
  const declared = declaredSpec(spec);
  return Object.fromEntries(stated.map((field) => [field, declared[field]]));
}

/** The written form of origins: `referrers` only where hosts are listed. */
export function declaredOrigins(origins: Origins): DeclaredOrigins {
  const { native, web } = origins;
  if (typeof web !== "string") return { native, web: true, referrers: web.hosts };
  return { native, web: web === "any" };
}

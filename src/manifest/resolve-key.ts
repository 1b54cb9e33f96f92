import type { AttributePath } from "../core/attribute-path.ts";
import { specOf } from "../core/declared-spec.ts";
import { parseInstant } from "../core/instant.ts";
import type { KeySpec } from "../core/key-spec.ts";
import { problemIn, type DeclarationFile, type Sound } from "./declaration-file.ts";
import type {
  DefaultsDeclaration,
  KeyDeclaration,
  OriginsDeclaration,
  RotationDeclaration,
} from "./declaration.generated.ts";
import { AT_NAME, type Problems } from "./problem.ts";

type Fields = Sound<DefaultsDeclaration>;
type Origins = Sound<OriginsDeclaration>;

const NO_FIELDS: Fields = {};
const MAX_LABELS = 32;

/** The spec of a key with the defaults of its file. What fields mean together is checked here, single texts elsewhere. */
export function resolveKey(
  from: DeclarationFile,
  path: AttributePath,
  name: string,
  key: Sound<KeyDeclaration>,
  problems: Problems,
): KeySpec {
  const defaults = from.declaration.defaults ?? NO_FIELDS;
  const isLacking = !("algorithms" in key) && !("algorithms" in defaults);
  // Defaults that are wrong as a whole have been told; they might have stated it.
  if (isLacking && (defaults !== NO_FIELDS || !("defaults" in from.declaration))) {
    problems.push(
      problemIn(
        from,
        [...path, "algorithms"],
        {
          code: "missing-field",
          summary: `the key \`${name}\` does not state \`algorithms\``,
          fix: "Add `algorithms: [algo://owner/name]`, or `algorithms: []` to allow none.",
        },
        { mark: AT_NAME },
      ),
    );
  }
  const origins = mergeOrigins(defaults.origins, key.origins);
  if (key.origins !== undefined) checkOrigins(from, path, key.origins, origins, problems);
  const rotation = mergeRotation(defaults.rotation, key.rotation);
  if (key.rotation) checkRotation(from, path, rotation, problems);
  const labels = mergeLabels(defaults.labels, key.labels);
  if (key.labels !== undefined) checkLabelCount(from, path, labels, problems);
  const expires = key.expires === undefined ? defaults.expires : key.expires;
  return specOf({
    description: key.description ?? defaults.description,
    // Where an entry is blanked there is an error, and then nobody reads the spec.
    algorithms: (key.algorithms ?? defaults.algorithms) as readonly string[] | undefined,
    origins: origins as OriginsDeclaration | undefined,
    data: key.data ?? defaults.data,
    management: key.management ?? defaults.management,
    enabled: key.enabled ?? defaults.enabled,
    expires: typeof expires === "string" ? (parseInstant(expires) ?? null) : null,
    protect: key.protect ?? defaults.protect,
    labels: labels as Record<string, string> | undefined,
    rotation: rotation?.every === undefined ? null : { every: rotation.every, overlap: rotation.overlap },
  });
}

/** Checks what the defaults mean by themselves, so that a mistake in them is told once and not for each key. */
export function checkDefaults(from: DeclarationFile, problems: Problems): void {
  const { origins, rotation, labels } = from.declaration.defaults ?? NO_FIELDS;
  // Defaults such as `referrers` or `overlap` alone make sense together with what each key states.
  const inherits = (field: "origins" | "rotation"): boolean =>
    Object.values(from.declaration.keys ?? {}).some((key) => key !== undefined && !(field in key));
  if (origins !== undefined && inherits("origins")) checkOrigins(from, ["defaults"], origins, origins, problems);
  if (rotation && inherits("rotation")) checkRotation(from, ["defaults"], rotation, problems);
  if (labels !== undefined) checkLabelCount(from, ["defaults"], labels, problems);
}

/** A key's own fields go before the defaults'; a key without browsers has no use for the defaults' referrers. */
function mergeOrigins(defaults: Origins | undefined, own: Origins | undefined): Origins | undefined {
  if (defaults === undefined || own === undefined) return own ?? defaults;
  const merged = { native: own.native ?? defaults.native, web: own.web ?? defaults.web };
  const referrers = own.referrers ?? (merged.web === true ? defaults.referrers : undefined);
  return referrers === undefined ? merged : { ...merged, referrers };
}

function checkOrigins(
  from: DeclarationFile,
  owner: AttributePath,
  stated: Origins,
  { native = true, web = false }: Origins = {},
  problems: Problems,
): void {
  const refersInVain = !web && "referrers" in stated;
  if (web || (native && !refersInVain)) return;
  const inherited = owner[0] === "keys" ? from.declaration.defaults?.origins : undefined;
  // Where neither programs nor browsers may call, whatever the referrers are changes nothing.
  const parts = [stated, inherited ?? {}].map((part) => (native ? part : { ...part, referrers: [] }));
  if (parts.some(isBlanked)) return;
  const path = [...owner, "origins"];
  if (native) {
    const wording = {
      code: "invalid-origins",
      summary: "`referrers` are for browsers, and browsers may not call with this key",
      fix: "Add `web: true`, or take `referrers` away.",
    } as const;
    problems.push(problemIn(from, [...path, "referrers"], wording, { mark: AT_NAME }));
    return;
  }
  problems.push(
    problemIn(from, path, {
      code: "invalid-origins",
      summary: "nobody may call with this key",
      detail: "Neither programs (`native`) nor browsers (`web`) are allowed.",
      fix: "Set `native: true` or `web: true`; to switch the key off, write `enabled: false`.",
    }),
  );
}

/** True if a part was wrong in itself: that has been told, and what the whole means cannot be known. */
export function isBlanked(origins: Sound<OriginsDeclaration>): boolean {
  return Object.values(origins).includes(undefined) || origins.referrers?.includes(undefined) === true;
}

function mergeRotation(
  defaults: Sound<RotationDeclaration> | null | undefined,
  own: Sound<RotationDeclaration> | null | undefined,
): Sound<RotationDeclaration> | null | undefined {
  return own && defaults ? { ...defaults, ...own } : own === undefined ? defaults : own;
}

function checkRotation(
  from: DeclarationFile,
  owner: AttributePath,
  rotation: Sound<RotationDeclaration> | null | undefined,
  problems: Problems,
): void {
  if (!rotation || "every" in rotation) return;
  const summary = "the rotation does not state `every`";
  const wording = { code: "missing-field", summary, fix: "Add `every: 90d`." } as const;
  problems.push(problemIn(from, [...owner, "rotation", "every"], wording, { mark: AT_NAME }));
}

type Labels = Readonly<Record<string, string | undefined>>;

function mergeLabels(defaults: Labels | undefined, own: Labels | undefined): Labels | undefined {
  return defaults && own ? { ...defaults, ...own } : (own ?? defaults);
}

function checkLabelCount(
  from: DeclarationFile,
  owner: AttributePath,
  labels: Labels | undefined,
  problems: Problems,
): void {
  const count = Object.keys(labels ?? {}).length;
  if (count <= MAX_LABELS) return;
  const summary = `there are ${String(count)} labels; a key can have ${String(MAX_LABELS)}`;
  const wording = { code: "invalid-value", summary, fix: "Take some away." } as const;
  problems.push(problemIn(from, [...owner, "labels"], wording, { mark: AT_NAME }));
}

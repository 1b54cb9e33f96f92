import { canonicalAlgorithm, canonicalReferrer } from "../../core/canonical.ts";
import { declaredSpec, specOf, type DeclaredSpec } from "../../core/declared-spec.ts";
import { durationMs } from "../../core/duration.ts";
import { parseInstant } from "../../core/instant.ts";
import { DEFAULT_OVERLAP, DEFAULT_SPEC, type KeySpec } from "../../core/key-spec.ts";
import { attribute, type Attribute, type Attributes } from "../framework/attribute.ts";
import { isWhollyKnown, type CtyRecord, type CtyValue } from "../protocol/cty-value.ts";

/** `origins`, inside. */
const ORIGINS: Attributes = {
  native: attribute("bool", "author-or-provider", "Whether programs, scripts and servers may call. Default: `true`.", {
    default: true,
  }),
  web: attribute("bool", "author-or-provider", "Whether pages in browsers may call. Default: `false`.", {
    default: false,
  }),
  referrers: attribute(
    ["set", "string"],
    "author-or-null",
    "The hosts whose pages may call: `shop.example.com`, `*.example.com`, `http://localhost:*`. Absent: any site. " +
      "Only with `web = true`.",
    { sameMeaning: sameSetAs(canonicalReferrer) },
  ),
};

/** `rotation`, inside. */
const ROTATION: Attributes = {
  every: attribute("string", "author", "How often the secret is due to be replaced, such as `90d`.", {
    sameMeaning: sameAs(durationMs),
  }),
  overlap: attribute(
    "string",
    "author-or-provider",
    "How long the secret that is replaced goes on working after the new one is confirmed. Default: `24h`.",
    { default: DEFAULT_OVERLAP, sameMeaning: sameAs(durationMs) },
  ),
};

/**
 * What is declared of a key: the names, values and defaults of a declaration in YAML, as Terraform's attributes. The
 * parity test holds them against the JSON Schema.
 */
export const SPEC_ATTRIBUTES: Readonly<Record<keyof DeclaredSpec, Attribute>> = {
  description: attribute(
    "string",
    "author-or-provider",
    "What the key is for, in at most 500 characters. Default: empty.",
    {
      default: DEFAULT_SPEC.description,
      sameMeaning: sameAs((text) => text.normalize("NFC")),
    },
  ),
  algorithms: attribute(
    ["set", "string"],
    "author",
    "Which algorithms the key may call: `algo://*`, `algo://owner/*`, `algo://owner/name`, `algo://owner/name/version`. " +
      "`[]` allows none.",
    { sameMeaning: sameSetAs(canonicalAlgorithm) },
  ),
  origins: {
    setBy: "author-or-provider",
    nested: { nesting: "single", attributes: ORIGINS },
    description: "Who may call with the key: programs, browsers, or both. Default: programs only.",
    default: { native: true, web: false, referrers: null },
  },
  data: attribute(
    "string",
    "author-or-provider",
    "What the key may do over the Data API: `none`, `read` or `readwrite`. Default: `none`.",
    { default: DEFAULT_SPEC.data },
  ),
  management: attribute(
    "bool",
    "author-or-provider",
    "Whether the key may manage the account's algorithms. Default: `false`.",
    { default: DEFAULT_SPEC.management },
  ),
  enabled: attribute(
    "bool",
    "author-or-provider",
    "Whether the key works. One that is not enabled keeps its secret and is refused everywhere. Default: `true`.",
    { default: DEFAULT_SPEC.enabled },
  ),
  expires: attribute(
    "string",
    "author-or-null",
    "When the key stops working: a date, `2027-01-31`, or a moment with its offset, `2027-01-31T12:00:00Z`. Absent: never.",
    { sameMeaning: sameAs(parseInstant) },
  ),
  protect: attribute(
    "bool",
    "author-or-provider",
    "While `true`, the platform refuses to delete the key, whoever asks. To delete it, apply `protect = false` first. " +
      "Default: `false`.",
    { default: DEFAULT_SPEC.protect },
  ),
  labels: attribute(
    ["map", "string"],
    "author-or-provider",
    "Names and values of your own, at most 32. Default: none.",
    { default: {} },
  ),
  rotation: {
    setBy: "author-or-null",
    nested: { nesting: "single", attributes: ROTATION },
    description: "When the key's secret is due to be replaced, and how long the replaced one goes on working.",
  },
};

/** Attributes of a spec, as far as they are known, in the form of a declaration. What is not known is left out. */
export function declaredOf(record: CtyRecord): DeclaredSpec {
  const stated = Object.keys(SPEC_ATTRIBUTES).flatMap((name) => {
    const value = knownPart(record[name] ?? null, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(stated);
}

/** A spec as attributes. */
export function attributesOf(spec: KeySpec): CtyRecord {
  const { origins, rotation, ...rest } = declaredSpec(spec);
  const { native = null, web = null, referrers = null } = origins ?? {};
  const { every, overlap } = rotation ?? {};
  return {
    ...(rest as Record<string, CtyValue>),
    origins: { native, web, referrers },
    rotation: every === undefined ? null : { every, overlap: overlap ?? null },
  };
}

/** Undefined for what is null or not known. A list keeps what is known of it; of `algorithms` something must stand there. */
function knownPart(value: CtyValue, name: string): unknown {
  if (Array.isArray(value)) return (value as readonly CtyValue[]).filter(isWhollyKnown);
  if (value !== null && !isWhollyKnown(value)) return name === "algorithms" ? [] : undefined;
  return withoutNulls(value);
}

function withoutNulls(value: CtyValue): unknown {
  if (value === null) return undefined;
  if (typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => (inner === null ? [] : [[name, withoutNulls(inner as CtyValue)]])),
  );
}

function sameAs(meaning: (text: string) => unknown): (left: CtyValue, right: CtyValue) => boolean {
  return (left, right) => {
    const [one, other] = [meaning(left as string), meaning(right as string)];
    return one === undefined ? left === right : one === other;
  };
}

function sameSetAs(meaning: (text: string) => string): (left: CtyValue, right: CtyValue) => boolean {
  return (left, right) => {
    const one = new Set((left as readonly string[]).map(meaning));
    const other = new Set((right as readonly string[]).map(meaning));
    return one.size === other.size && [...one].every((entry) => other.has(entry));
  };
}

/** The spec that planned attributes mean; they are known and have been checked. */
export function specFrom(planned: CtyRecord): KeySpec {
  const declared = declaredOf(planned);
  const { expires } = declared;
  return specOf({ ...declared, expires: typeof expires === "string" ? (parseInstant(expires) ?? null) : null });
}

import fc from "fast-check";
import type { AccessTest } from "../../src/core/access-test.ts";
import type { Origins } from "../../src/core/caller-origin.ts";
import { DATA_ACCESS } from "../../src/core/data-access.ts";
import { declaredSpec, shortDeclaredSpec, type DeclaredSpec } from "../../src/core/declared-spec.ts";
import type { Delivery } from "../../src/core/delivery.ts";
import { nameKey } from "../../src/core/key-name.ts";
import type { KeySpec, Rotation } from "../../src/core/key-spec.ts";
import type { ManifestKey } from "../../src/core/manifest.ts";

// Everything is drawn from tiny alphabets, so that two draws often collide: only then do rules of matching get tried.

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const owner = fc.constantFrom("foo", "FOO", "fo", "acme", "Acme", ".my", "constructor");
const algorithmName = fc.constantFrom("bar", "Bar", "barbaz", "x", "prototype", "a_b");
const version = fc.constantFrom(
  "1.2.3",
  "1.2.9",
  "1.20.0",
  "10.0.0",
  "1.2.*",
  "1.20.*",
  "1.*",
  "10.*",
  "latest",
  "latestPrivate",
  COMMIT,
);

/** An algorithm pattern as written, always one that the platform accepts. */
export const arbitraryAlgorithmPattern: fc.Arbitrary<string> = fc.oneof(
  { weight: 1, arbitrary: fc.constant("algo://*") },
  { weight: 2, arbitrary: owner.map((ownerText) => `algo://${ownerText}/*`) },
  { weight: 3, arbitrary: fc.tuple(owner, algorithmName).map((parts) => `algo://${parts.join("/")}`) },
  { weight: 1, arbitrary: fc.tuple(owner, algorithmName).map((parts) => `algo://${parts.join("/")}/*`) },
  { weight: 4, arbitrary: fc.tuple(owner, algorithmName, version).map((parts) => `algo://${parts.join("/")}`) },
);

/** The raw path of a call, nearly always well formed. */
export const arbitraryCallPath: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(owner, algorithmName).map((parts) => parts.join("/")) },
  { weight: 8, arbitrary: fc.tuple(owner, algorithmName, version).map((parts) => parts.join("/")) },
  { weight: 1, arbitrary: fc.tuple(owner, algorithmName).map((parts) => `${parts.join("/")}/`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "",
      "/",
      "foo",
      "foo//bar",
      "foo/../bar",
      "foo/bar/1.2.3/x",
      ".MY/x",
      "foo%2fbar",
      "foo/bаr",
    ),
  },
);

const host = fc.constantFrom(
  "example.com",
  "EXAMPLE.com",
  "a.example.com",
  "b.a.example.com",
  "evilexample.com",
  "xn--bcher-kva.example",
  "bücher.example",
  "10.0.0.5",
  "localhost",
  "127.0.0.1",
  "[::1]",
);
const baseHost = fc.constantFrom("example.com", "Example.com", "a.example.com", "bücher.example");
const referrerScheme = fc.constantFrom("", "", "", "https://", "http://");
const referrerPort = fc.constantFrom("", "", "", ":8443", ":443", ":80", ":*");

/** A referrer pattern as written, always one that the platform accepts. */
export const arbitraryReferrer: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(referrerScheme, host, referrerPort).map((parts) => parts.join("")) },
  {
    weight: 2,
    arbitrary: fc.tuple(referrerScheme, fc.constant("*."), baseHost, referrerPort).map((parts) => parts.join("")),
  },
);

const hosts = fc
  .tuple(arbitraryReferrer, fc.array(arbitraryReferrer, { maxLength: 3 }))
  .map(([first, rest]) => ({ hosts: [first, ...rest] as const }));

/** Who may call. */
export const arbitraryOrigins: fc.Arbitrary<Origins> = fc.oneof(
  fc.record({
    native: fc.constant(true as const),
    web: fc.oneof(fc.constant("none" as const), fc.constant("any" as const), hosts),
  }),
  fc.record({ native: fc.constant(false as const), web: fc.oneof(fc.constant("any" as const), hosts) }),
);

/** A moment in the form in which specs hold it. */
export const arbitraryInstant: fc.Arbitrary<string> = fc.constantFrom(
  "2027-01-31T00:00:00Z",
  "2026-06-01T12:30:00Z",
  "2030-12-31T23:59:59Z",
);

const duration = fc.constantFrom("1d", "24h", "30d", "720h", "12w", "90m", "3600s");
const rotation: fc.Arbitrary<Rotation> = fc.record({ every: duration, overlap: duration });
const text = fc.constantFrom(
  "",
  "Nightly batch",
  "Widget on the product page",
  "caf\u00e9",
  "cafe\u0301",
  "#: {quoted} \"'",
  "両方",
);

const labelName = fc.constantFrom("team", "env", "constructor", "0", "10", "Team");

/** Labels, with names that a careless object would trip over. */
export const arbitraryLabels: fc.Arbitrary<Record<string, string>> = fc
  .uniqueArray(fc.tuple(labelName, text), { maxLength: 3, selector: ([name]) => name })
  .map((entries) => Object.fromEntries(entries));

/** A whole spec, every value one that a checked declaration can hold. */
export const arbitraryKeySpec: fc.Arbitrary<KeySpec> = fc.record({
  description: text,
  algorithms: fc.array(arbitraryAlgorithmPattern, { maxLength: 4 }),
  origins: arbitraryOrigins,
  data: fc.constantFrom(...DATA_ACCESS),
  management: fc.boolean(),
  enabled: fc.boolean(),
  expires: fc.option(arbitraryInstant),
  protect: fc.boolean(),
  labels: arbitraryLabels,
  rotation: fc.option(rotation),
});

/** A spec as written, in full or with what equals its default left out. */
export const arbitraryDeclaredSpec: fc.Arbitrary<DeclaredSpec> = fc
  .tuple(arbitraryKeySpec, fc.boolean())
  .map(([spec, whole]) => (whole ? declaredSpec(spec) : shortDeclaredSpec(spec)));

/** A key's name; `constructor` and names that differ only in case are among them. */
export const arbitraryKeyName: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[abAB0][abAB0._-]{0,3}$/) },
  {
    weight: 2,
    arbitrary: fc.constantFrom("default-key", "constructor", "hasOwnProperty", "nightly-batch", "Nightly-Batch"),
  },
  { weight: 1, arbitrary: fc.constantFrom("k".repeat(64), `9${"_".repeat(63)}`) },
);

const delivery: fc.Arbitrary<Delivery> = fc.record({
  to: fc.constant("dotenv" as const),
  file: fc.constantFrom(".env", "services/web/.env"),
  name: fc.constantFrom("ALGORITHMIA_API_KEY", "A", "_KEY_2"),
});

const accessTest: fc.Arbitrary<AccessTest> = fc.oneof(
  fc.record({ call: fc.constant("algo://foo/bar"), expect: fc.constantFrom("allow" as const, "deny" as const) }),
  fc.record({ data: fc.constant("read" as const), expect: fc.constantFrom("allow" as const, "deny" as const) }),
);

const manifestKey: fc.Arbitrary<ManifestKey> = fc
  .record({
    name: arbitraryKeyName,
    spec: arbitraryKeySpec,
    renamed: fc.boolean(),
    deliver: fc.array(delivery, { maxLength: 1 }),
    tests: fc.array(accessTest, { maxLength: 2 }),
  })
  .map(({ renamed, ...key }) => ({ ...key, renamedFrom: renamed ? `was.${key.name.slice(0, 60)}` : null }));

/**
 * The keys of a manifest, sorted by name, names unique ignoring case. A `renamedFrom` begins with `was.`, so it is
 * never the name of one of the keys.
 */
export const arbitraryManifestKeys: fc.Arbitrary<ManifestKey[]> = fc
  .uniqueArray(manifestKey, { maxLength: 8, selector: (key) => nameKey(key.name) })
  .map((keys) => keys.sort((left, right) => (left.name < right.name ? -1 : 1)));

/** Specs that mean the same: lists shuffled and with repetitions, case changed, `/*` added or left out. */
export function respelledSpec(spec: KeySpec): fc.Arbitrary<KeySpec> {
  const { web } = spec.origins;
  return fc.record({
    description: fc.constantFrom(spec.description, spec.description.normalize("NFD")),
    algorithms: respelledList(spec.algorithms, respelledPattern),
    origins:
      typeof web === "string"
        ? fc.constant(spec.origins)
        : respelledList(web.hosts, withOtherCase).map(([first, ...rest]): Origins => {
            if (first === undefined) return spec.origins;
            return { native: spec.origins.native, web: { hosts: [first, ...rest] } };
          }),
    data: fc.constant(spec.data),
    management: fc.constant(spec.management),
    enabled: fc.constant(spec.enabled),
    expires: fc.constant(spec.expires),
    protect: fc.constant(spec.protect),
    labels: shuffled(Object.entries(spec.labels)).map((entries) => Object.fromEntries(entries)),
    rotation: fc.constant(spec.rotation),
  });
}

/** The same items in any order, each respelled once or twice. */
function respelledList(
  items: readonly string[],
  respell: (item: string) => fc.Arbitrary<string>,
): fc.Arbitrary<string[]> {
  const spellings = items.map((item) => fc.array(respell(item), { minLength: 1, maxLength: 2 }));
  return fc.tuple(...spellings).chain((lists) => shuffled(lists.flat()));
}

function respelledPattern(pattern: string): fc.Arbitrary<string> {
  const path = pattern.slice("algo://".length);
  const segments = path.split("/");
  const [, name, last] = segments;
  const named = name !== undefined && name !== "*";
  if (named && last === undefined) return fc.constantFrom(path, `${path}/*`).chain(withAlgoScheme);
  if (named && last === "*") return fc.constantFrom(path, segments.slice(0, 2).join("/")).chain(withAlgoScheme);
  return withAlgoScheme(path);
}

/** The scheme itself is lower-case only. */
function withAlgoScheme(path: string): fc.Arbitrary<string> {
  return withOtherCase(path).map((respelled) => `algo://${respelled}`);
}

function withOtherCase(word: string): fc.Arbitrary<string> {
  return fc.constantFrom(word, word.toUpperCase(), word.toLowerCase());
}

function shuffled<T>(items: readonly T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray([...items], { minLength: items.length });
}

import fc from "fast-check";

/** Inputs that are known to hang, abort or blow up readers of YAML (the security facts of the project). */
export const SEEDS: readonly (readonly [name: string, text: string])[] = [
  ["? 500 times", "? ".repeat(500)],
  ["- 5,000 times", "- ".repeat(5_000)],
  ["deep flow lists", "[".repeat(100_000)],
  ["deep flow maps", '{"a":'.repeat(50_000)],
  ["four documents of deep flow", Array(4).fill("[".repeat(20_000)).join("\n---\n")],
  [
    "an alias bomb",
    Array.from(
      { length: 12 },
      (_, level) =>
        `a${level}: &a${level} [${Array(10)
          .fill(level === 0 ? "x" : `*a${level - 1}`)
          .join()}]`,
    ).join("\n"),
  ],
  ["an alias of itself", "a: &a [*a, *a]"],
  ["aliases of each other", "a: &a { b: &b [*a, *b] }"],
  ["32,000 siblings", Array.from({ length: 32_000 }, (_, index) => `name${index}: 1`).join("\n")],
  ["32,000 duplicates", "name: 1\n".repeat(32_000)],
  [
    "16,000 keys that are none",
    `version: 1\naccount: a\nproject: p\nkeys:\n${Array.from({ length: 16_000 }, (_, index) => `  k${index}: x`).join("\n")}`,
  ],
  ["2,000 documents", "---\na: 1\n".repeat(2_000)],
  ["10,000 anchors", Array.from({ length: 10_000 }, (_, index) => `&a${index} x${index}: *a${index}`).join("\n")],
  ["anchors and tags in a row", "&a !b ".repeat(2_000)],
  ["anchors on lines of their own", "&a\n ".repeat(2_000)],
  ["50,000 blank lines in a text", `a: b\n${"\n".repeat(50_000)}  c`],
  ["50,000 comments", "# x\n".repeat(50_000)],
  ["50,000 directives", "%X y\n".repeat(50_000)],
  ["a long text that folds", `a: >\n${" x\n".repeat(50_000)}`],
  ["a long quoted text", `a: "${"\\x41".repeat(50_000)}"`],
  ["a quote that is not closed", `a: "${"x\n".repeat(50_000)}`],
  ["indentation that grows", Array.from({ length: 400 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n")],
  ["flow pairs", `[${"a: b, ".repeat(20_000)}]`],
  ["explicit keys in flow", `{${"? [a] : b, ".repeat(10_000)}}`],
  ["lists as names", "? [a, b]\n: c\n".repeat(10_000)],
  [
    "a long list of patterns",
    `version: 1\naccount: a\nproject: p\nkeys: { k: { algorithms: [${Array.from({ length: 20_000 }, (_, index) => `algo://a/x${index % 900}`).join()}] } }`,
  ],
  [
    "a long list of hosts",
    `version: 1\naccount: a\nproject: p\nkeys: { k: { algorithms: [], origins: { web: true, referrers: [${Array.from({ length: 20_000 }, (_, index) => `A${index % 9000}.com:443`).join()}] } } }`,
  ],
  ["a long reference", `version: 1\naccount: \${${"env.".repeat(30_000)}}\nproject: p\nkeys: {}`],
  ["many references", `version: 1\naccount: "${"${".repeat(30_000)}"\nproject: p\nkeys: {}`],
  ["many literal references", `version: 1\naccount: "${"$".repeat(60_000)}{"\nproject: p\nkeys: {}`],
  ["a name of 100,000 characters", `${"x".repeat(100_000)}: 1`],
  [
    "an entry of 100,000 stars",
    `version: 1\naccount: a\nproject: p\nkeys: { k: { algorithms: ["${"*/".repeat(50_000)}"], expires: "${"1".repeat(100_000)}" } }`,
  ],
  ["NUL characters", "\0".repeat(1_000)],
  ["carriage returns", "a:\r".repeat(5_000)],
];

const HEAD = "version: 1\naccount: a\nproject: p\n";
const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");
const keys = (count: number, fields: string): string =>
  `${HEAD}keys:\n${lines(count, (index) => `  k${index}: ${fields}`)}`;
const oneKey = (fields: string): string => `${HEAD}keys:\n  k:\n    algorithms: []\n    ${fields}`;

/** What a right declaration of many keys takes is the measure of large wrong ones that have no like. */
const MANY_KEYS = keys(50_000, "{ algorithms: [] }");

/** About a megabyte of nothing but mistakes each, with a right declaration of the same make. Each is made when it is wanted. */
export const LARGE_SEEDS: readonly (() => readonly [name: string, wrong: string, right: string])[] = [
  () => ["60,000 ill-formed keys", keys(60_000, "{ algorithms: x }"), keys(60_000, "{ algorithms: [] }")],
  () => ["100,000 keys that are none", keys(100_000, "x"), MANY_KEYS],
  () => ["90,000 keys without algorithms", keys(90_000, "{}"), `${keys(90_000, "{}")}\ndefaults: { algorithms: [] }`],
  () => ["40,000 wrong patterns", keys(40_000, "{ algorithms: [foo] }"), keys(40_000, "{ algorithms: ['algo://*'] }")],
  () => [
    "30,000 keys wrong in each part",
    keys(30_000, "{ algorithms: [foo], data: rw, exp: 1 }"),
    keys(30_000, "{ algorithms: [], data: read, enabled: true }"),
  ],
  () => [
    "30,000 keys that nobody may use",
    keys(30_000, "{ algorithms: [], origins: { native: false } }"),
    keys(30_000, "{ algorithms: [], origins: { native: true } }"),
  ],
  () => [
    "60,000 names that are none",
    `${HEAD}keys:\n${lines(60_000, (index) => `  k ${index}: { algorithms: [] }`)}`,
    keys(60_000, "{ algorithms: [] }"),
  ],
  () => [
    "50,000 names but for case",
    `${HEAD}keys:\n${lines(25_000, (index) => `  k${index}: { algorithms: [] }\n  K${index}: { algorithms: [] }`)}`,
    MANY_KEYS,
  ],
  () => ["100,000 names that are numbers", `${HEAD}keys:\n${lines(100_000, (index) => `  ${index}: x`)}`, MANY_KEYS],
  () => ["50,000 keys of one name", `${HEAD}keys:\n${lines(50_000, () => "  k: { algorithms: [] }")}`, MANY_KEYS],
  () => [
    "30,000 keys with a field twice",
    keys(30_000, "{ algorithms: [], data: write, data: all }"),
    keys(30_000, "{ algorithms: [], data: none, protect: true }"),
  ],
  () => [
    "30,000 renames from one key",
    keys(30_000, "{ algorithms: [], renamed_from: k0 }"),
    keys(30_000, "{ algorithms: [], description: k0 }"),
  ],
  () => [
    "60,000 unknown fields in one key",
    oneKey(lines(60_000, (index) => `    x${index}: some text here`).trim()),
    MANY_KEYS,
  ],
  () => [
    "60,000 unknown fields",
    `${HEAD}keys: {}\n${lines(60_000, (index) => `x${index}: some text here`)}`,
    MANY_KEYS,
  ],
  () => [
    "60,000 wrong labels",
    oneKey(`labels: { ${lines(60_000, (index) => `      l${index}: 1,`)} }`),
    oneKey(`description: "${"x".repeat(400)}"\n${MANY_KEYS.slice(MANY_KEYS.indexOf("  k1:"))}`),
  ],
  () => [
    "20,000 wrong deliveries",
    oneKey(`deliver: [${lines(20_000, () => "      { to: dotenv, file: /x, name: b },")}]`),
    oneKey(`deliver: [${lines(20_000, (index) => `      { to: dotenv, file: x, name: B${index} },`)}]`),
  ],
  () => [
    "25,000 wrong tests",
    oneKey(`tests: [${lines(25_000, () => "      { call: 'algo:/a/b', origin: 'http:/a.com', expect: deny },")}]`),
    oneKey(`tests: [${lines(25_000, () => "      { call: 'algo://a/b', origin: 'https://a.com', expect: deny },")}]`),
  ],
  () => [
    "100,000 unset references in one text",
    oneKey(`description: "${"${var.X}".repeat(100_000)}"`),
    oneKey(`deliver: [${lines(20_000, (index) => `      { to: dotenv, file: x, name: B${index} },`)}]`),
  ],
  () => [
    "40,000 unset references",
    keys(40_000, "{ algorithms: [], data: '${var.X}' }"),
    keys(40_000, "{ algorithms: [], description: '$${var.X}' }"),
  ],
  () => [
    "30,000 keys for every site",
    keys(30_000, "{ algorithms: [], origins: { web: true } }"),
    keys(30_000, "{ algorithms: [], origins: { web: false } }"),
  ],
];

const VALID = `# yaml-language-server: $schema=x
version: 1
account: acme
project: storefront
defaults: { data: none, labels: &labels { team: shop } }
keys:
  storefront-web:
    description: >-
      Sentiment widget
      on the page
    algorithms: [algo://demos/sentiment_analysis, "algo://acme/*"]
    origins: { native: false, web: true, referrers: [shop.example.com, "*.shop.example.com"] }
    rotation: { every: 90d, overlap: 24h }
    labels: *labels
    deliver:
      - { to: dotenv, file: .env, name: API_KEY }
    tests:
      - { call: algo://demos/sentiment_analysis, origin: "https://shop.example.com", expect: allow }
  nightly-batch:
    algorithms: []
    expires: "2027-01-31T00:00:00Z"
    renamed_from: batch
`;

/** What mutations put in: everything that means something to YAML, to the schema or to variables. */
const PIECES = [
  "? ",
  "- ",
  ": ",
  ":",
  ",",
  "[",
  "]",
  "{",
  "}",
  "&a ",
  "*a",
  "*labels",
  "!x ",
  "!!str ",
  "|\n",
  ">\n",
  "'",
  '"',
  "\\",
  "#",
  "%",
  "@",
  "`",
  "---\n",
  "...\n",
  "\n",
  "\r",
  "\t",
  "  ",
  "\0",
  "\ufeff",
  "\u2028",
  "\ud800",
  "🙂",
  "<<: ",
  "__proto__: ",
  "constructor: ",
  "null",
  "true",
  "1e999",
  "0x",
  "~",
  "${",
  "${env.X}",
  "$${",
  "keys:",
  "version: 2\n",
  "algorithms:",
  "x".repeat(300),
];

type Mutation = (text: string) => string;

const at = fc.nat({ max: VALID.length });
const lineNumber = fc.nat({ max: VALID.split("\n").length - 1 });
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(at, fc.constantFrom(...PIECES), fc.integer({ min: 1, max: 40 })).map(
    ([place, piece, times]): Mutation =>
      (text) =>
        text.slice(0, place) + piece.repeat(times) + text.slice(place),
  ),
  fc.tuple(at, fc.integer({ min: 1, max: 30 })).map(
    ([place, length]): Mutation =>
      (text) =>
        text.slice(0, place) + text.slice(place + length),
  ),
  at.map(
    (place): Mutation =>
      (text) =>
        text.slice(0, place),
  ),
  fc.tuple(lineNumber, lineNumber).map(([from, to]): Mutation => (text) => {
    const lines = text.split("\n");
    lines.splice(to, 0, ...lines.slice(from, from + 3));
    return lines.join("\n");
  }),
  fc.tuple(lineNumber, fc.constantFrom(" ", "    ", "\t", "- ", "? ", "# ")).map(
    ([number, indent]): Mutation =>
      (text) =>
        text
          .split("\n")
          .map((line, index) => (index === number ? indent + line : line))
          .join("\n"),
  ),
  fc.tuple(lineNumber, lineNumber).map(([one, other]): Mutation => (text) => {
    const lines = text.split("\n");
    const [first = "", second = ""] = [lines[one], lines[other]];
    return lines
      .with(one % lines.length, second)
      .with(other % lines.length, first)
      .join("\n");
  }),
);

/** A declaration with some mutations, or random bytes. */
export const arbitraryMalformed: fc.Arbitrary<Uint8Array> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .array(mutation, { minLength: 1, maxLength: 6 })
      .map((steps) => Buffer.from(steps.reduce((text, step) => step(text), VALID))),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 2_000 }) },
  {
    weight: 1,
    arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 200 }).map((pieces) => Buffer.from(pieces.join(""))),
  },
);

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readVarFile } from "../../src/manifest/variables.ts";
import { loadText, manifestOf, markedText, summaryLine, withKey, withKeys } from "./loading.ts";

const described = async (text: string, options = {}) =>
  manifestOf(await loadText(withKey(`algorithms: []\ndescription: ${text}`), options)).keys[0]?.spec.description;

describe("variables", () => {
  test("stand for the environment and for what --var gives, as a whole or inside a text", async () => {
    const options = { env: { REGION: "eu" }, vars: { team: "shop" } };
    expect(await described('"${env.REGION}"', options)).toBe("eu");
    expect(await described("in ${env.REGION} for ${var.team}, ${var.team}", options)).toBe("in eu for shop, shop");
  });

  test("are written literally as $${, and their values are never looked at again", async () => {
    expect(await described("a $${b} $$${c} $ {d} ${var.x}", { vars: { x: "${env.HOME} $${y}" } })).toBe(
      "a ${b} $${c} $ {d} ${env.HOME} $${y}",
    );
  });

  test("are found however YAML writes the dollar sign", async () => {
    expect(await described('"\\x24{var.x} \\u0024\\\n    {var.x}"', { vars: { x: "1" } })).toBe("1 1");
  });

  test("are replaced before the schema is held against the value", async () => {
    const text = withKey('algorithms: ["algo://${var.owner}/*"]\ndata: ${var.access}\nexpires: ${var.until}');
    const [key] = manifestOf(
      await loadText(text, { vars: { owner: "acme", access: "read", until: "2027-01-01" } }),
    ).keys;
    expect(key?.spec).toMatchObject({ algorithms: ["algo://acme/*"], data: "read", expires: "2027-01-01T00:00:00Z" });
  });

  test("that are not set are errors at the very reference, with the name that was meant", async () => {
    const text = withKey("algorithms: []\ndescription: ${var.team} ${var.taem} ${env.NO_SUCH}");
    const { ok, diagnostics } = await loadText(text, { vars: { team: "a" } });
    expect(ok).toBe(false);
    expect(diagnostics.map(summaryLine)).toEqual([
      "7:30 unset-variable: `${var.taem}` is not set",
      "7:42 unset-variable: `${env.NO_SUCH}` is not set",
    ]);
    expect(diagnostics.map(markedText)).toEqual(["${var.taem}", "${env.NO_SUCH}"]);
    expect(diagnostics[0]?.fix).toBe("Did you mean `${var.team}`? Add --var taem=VALUE.");
  });

  test("that are inherited from a prototype are not set", async () => {
    const { diagnostics } = await loadText(withKey("algorithms: []\ndescription: ${var.constructor} ${env.toString}"));
    expect(diagnostics.map(({ code }) => code)).toEqual(["unset-variable", "unset-variable"]);
  });

  test("need a form that can be read", async () => {
    const { diagnostics } = await loadText(
      withKey("algorithms: []\ndescription: ${team} ${env.} ${var.a b} ${}\nlabels: { a: '${env.X' }"),
    );
    expect(diagnostics.map(summaryLine)).toEqual([
      "7:18 bad-reference: `${team}` refers to nothing",
      "7:26 bad-reference: `${env.}` refers to nothing",
      "7:34 bad-reference: `${var.a b}` refers to nothing",
      "7:45 bad-reference: `${}` refers to nothing",
      "8:19 bad-reference: `${` is not closed",
    ]);
  });

  test("are text, so they cannot be true or false", async () => {
    const { diagnostics } = await loadText(withKey("algorithms: []\nenabled: ${var.on}"), { vars: { on: "true" } });
    expect(diagnostics.map(summaryLine)).toEqual([
      '7:14 wrong-type: `enabled` must be `true` or `false`, not "${var.on}"',
    ]);
    expect(diagnostics[0]?.fix).toContain("always text");
  });
});

describe("an unset reference is told once, and nothing else is said of that value", () => {
  const PLACES: readonly (readonly [place: string, text: string])[] = [
    ["an algorithm", withKey("algorithms: ['algo://${env.OWNER}/x']")],
    ["a list of algorithms", withKey("algorithms: ${env.LIST}")],
    [
      "a referrer",
      withKey("algorithms: []\norigins: { native: false, web: true, referrers: ['${env.HOST}/', a.com] }"),
    ],
    ["the referrers", withKey("algorithms: []\norigins: { native: false, web: true, referrers: '${env.HOSTS}' }")],
    ["who may call", withKey("algorithms: []\norigins: { native: false, web: '${env.WEB}' }")],
    ["origins as a whole", withKey("algorithms: []\norigins: ${env.ORIGINS}")],
    ["an access to data", withKey("algorithms: []\ndata: ${env.DATA}")],
    ["a switch", withKey("algorithms: []\nenabled: ${env.ON}")],
    ["an expiry", withKey("algorithms: []\nexpires: ${env.UNTIL}")],
    ["a label", withKey("algorithms: []\nlabels: { team: '${env.TEAM}' }")],
    ["an interval", withKey("algorithms: []\nrotation: { every: '${env.EVERY}' }")],
    ["a rotation", withKey("algorithms: []\nrotation: ${env.ROTATION}")],
    ["a rename", withKey("algorithms: []\nrenamed_from: ${env.NAME} x")],
    ["a delivery's kind", withKey("algorithms: []\ndeliver: [{ to: '${env.TO}', file: .env, name: A }]")],
    ["a delivery's file", withKey("algorithms: []\ndeliver: [{ to: dotenv, file: '/${env.FILE}', name: A }]")],
    ["a delivery's variable", withKey("algorithms: []\ndeliver: [{ to: dotenv, file: .env, name: '${env.NAME}' }]")],
    ["a delivery", withKey("algorithms: []\ndeliver: ['${env.DELIVERY}']")],
    ["a test's call", withKey("algorithms: []\ntests: [{ call: '${env.CALL}', expect: deny }]")],
    ["a test's origin", withKey("algorithms: []\ntests: [{ data: read, origin: '${env.ORIGIN}', expect: deny }]")],
    ["a test's outcome", withKey("algorithms: []\ntests: [{ data: read, expect: '${env.EXPECT}' }]")],
    ["a key", withKeys("web: ${env.KEY}")],
    ["the defaults", `defaults: \${env.DEFAULTS}\n${withKey("data: read")}`],
    ["all keys", "version: 1\naccount: a\nproject: p\nkeys: ${env.KEYS}"],
    ["the version", withKey("algorithms: []").replace("1", "${env.VERSION}")],
    ["the account", withKey("algorithms: []").replace("acme", "${env.ACCOUNT}")],
    ["the project", withKey("algorithms: []").replace("shop", "${env.PROJECT}!")],
    ["the whole file", "${env.FILE}"],
  ];
  for (const [place, text] of PLACES) {
    test(place, async () => {
      const { ok, diagnostics } = await loadText(text);
      expect(ok).toBe(false);
      expect(diagnostics.map(({ code }) => code)).toEqual(["unset-variable"]);
      expect(diagnostics.map(markedText).join()).toMatch(/^\$\{env\.[A-Z]+\}$/);
    });
  }

  test("while every other mistake is told", async () => {
    const { diagnostics } = await loadText(withKey("algorithms: ['${env.X}', nope]\ndata: ${var.y}\nexpires: never"));
    expect(diagnostics.map(summaryLine)).toEqual([
      "6:19 unset-variable: `${env.X}` is not set",
      '6:30 invalid-algorithm: "nope" is not an algorithm pattern',
      "7:11 unset-variable: `${var.y}` is not set",
      '8:14 invalid-expiry: "never" is no date or moment',
    ]);
  });

  test("as a malformed one is", async () => {
    const { diagnostics } = await loadText(withKey("algorithms: ['${x}/y']\ndata: ${env.A"));
    expect(diagnostics.map(({ code }) => code)).toEqual(["bad-reference", "bad-reference"]);
  });
});

test("no message ever shows what a variable holds, wherever it stands", async () => {
  const canary = "canary-5f3a9c";
  const fields = ["description", "data", "expires", "renamed_from", "enabled", "protect", "management"].map(
    (field) => `${field}: \${env.S}`,
  );
  const nested = [
    "algorithms: ['${env.S}', '${env.S}']",
    "origins: { native: '${env.S}', web: true, referrers: ['${env.S}/', 'x.${env.S}'] }",
    "labels: { a: '${env.S}' }",
    "rotation: { every: '${env.S}', overlap: '${env.S}' }",
    "deliver: [{ to: '${env.S}', file: a, name: a }, { to: dotenv, file: '../${env.S}', name: '${env.S}' }, { to: json, file: '/${env.S}', name: '/${env.S}/' }]",
    "tests: [{ call: '${env.S}', expect: '${env.S}' }, { data: '${env.S}', origin: '${env.S}', expect: deny }, { call: '${env.S}', origin: '${env.S}', expect: deny }]",
  ];
  for (const field of [...fields, ...nested]) {
    const more = field.startsWith("algorithms") ? "" : "algorithms: []\n";
    const text = withKey(`${more}${field}`)
      .replace("account: acme", "account: ${env.S}")
      .replace("project: shop", "project: '!${env.S}'");
    const { diagnostics } = await loadText(text, { env: { S: canary } });
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(JSON.stringify(diagnostics)).not.toContain("5f3a9c");
  }
});

test("replacing what holds no reference changes nothing, whatever the text", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 40, unit: "grapheme" }), async (text) => {
      fc.pre(!/[\0\p{Surrogate}]/u.test(text));
      const literal = JSON.stringify(text.replaceAll("${", "$${")).replace(
        /[\x7f-\uffff]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
      );
      expect(await described(literal)).toBe(text);
    }),
    { numRuns: 300 },
  );
});

describe("a file of variables", () => {
  test("is a map of names to texts, in YAML or JSON", () => {
    expect(readVarFile("team: shop\nregion.main: eu\n", "vars.yaml")).toMatchObject({
      ok: true,
      value: { team: "shop", "region.main": "eu" },
    });
    expect(readVarFile('\ufeff{"team": "shop"}', "vars.json")).toMatchObject({ ok: true, value: { team: "shop" } });
  });

  test("names every mistake in it with its place, and never a value", () => {
    const result = readVarFile("a: 1\nb: [s3cret]\nc d: s3cret\ne: s3cret\n", "vars.yaml");
    expect(result.ok).toBe(false);
    expect(result.diagnostics.map((each) => `${each.range?.filename ?? ""}:${summaryLine(each)}`)).toEqual([
      "vars.yaml:1:4 wrong-type: the variable `a` must be text, not a number",
      "vars.yaml:2:4 wrong-type: the variable `b` must be text, not a list",
      'vars.yaml:3:1 invalid-name: "c d" cannot name a variable',
    ]);
    expect(JSON.stringify(result.diagnostics)).not.toContain("s3cret");
  });

  test("that is empty, a list or no YAML is an error", () => {
    expect(readVarFile("", "v").diagnostics.map(summaryLine)).toEqual([
      "1:1 wrong-type: a file of variables is a map of names to texts, not this",
    ]);
    expect(readVarFile("- a", "v").ok).toBe(false);
    expect(readVarFile("a: [", "v").diagnostics.map(({ code }) => code)).toEqual(["yaml-syntax"]);
    expect(readVarFile("a: x\na: y", "v").diagnostics.map(({ code }) => code)).toEqual(["duplicate-field"]);
  });
});

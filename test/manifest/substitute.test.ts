import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readVarFile } from "../../src/manifest/variables.ts";
import { loadText, manifestOf, markedText, summaryLine, withKey } from "./loading.ts";

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

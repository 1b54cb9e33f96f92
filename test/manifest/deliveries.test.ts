import { Ajv } from "ajv";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import fc from "fast-check";
import { expect, test } from "vitest";
import schema from "../../schemas/manifest.schema.json" with { type: "json" };
import { isAgeRecipient } from "../../src/core/age-recipient.ts";
import { loadFiles, manifestOf, summaryLine, withKey } from "./loading.ts";

const RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

async function load(...deliveries: readonly string[]) {
  const lines = deliveries.map((one) => `  - { ${one} }`).join("\n");
  return await loadFiles({ "app/keys.yaml": withKey(`algorithms: []\ndeliver:\n${lines}`) }, ["app/keys.yaml"]);
}

test("every kind of place is read, with files relative to the working folder", async () => {
  const result = await load(
    `to: age, file: web.age, recipients: [${RECIPIENT}]`,
    "to: command, command: [gh, secret, set, 'a b', '']",
    "to: command, command: [x], env: [GH_TOKEN, http_proxy], read: [y, z]",
    "to: github-env, name: API_KEY",
    "to: github-output, name: api-key",
  );
  expect(manifestOf(result).keys[0]?.deliver).toEqual([
    { to: "age", file: "app/web.age", recipients: [RECIPIENT] },
    { to: "command", command: ["gh", "secret", "set", "a b", ""], env: [] },
    { to: "command", command: ["x"], env: ["GH_TOKEN", "http_proxy"], read: ["y", "z"] },
    { to: "github-env", name: "API_KEY" },
    { to: "github-output", name: "api-key" },
  ]);
});

const REFUSED: readonly (readonly [delivery: string, code: string, words: RegExp])[] = [
  ["file: .env, name: A", "missing-field", /does not state `to`/],
  ["to: dotenv, name: A", "missing-field", /does not state `file`/],
  ["to: json, file: a.json", "missing-field", /does not state `name`/],
  ["to: age, file: x.age", "missing-field", /does not state `recipients`.*age1/],
  ["to: command", "missing-field", /does not state `command`.*gh/],
  ["to: github-env", "missing-field", /does not state `name`/],
  [`to: age, file: x.age, recipients: [${RECIPIENT}], name: A`, "unknown-field", /`name` does not go with `to: age`/],
  ["to: dotenv, file: .env, name: A, command: [x]", "unknown-field", /`command` does not go with `to: dotenv`/],
  ["to: command, command: [x], file: y", "unknown-field", /`file` does not go with `to: command`/],
  ["to: github-output, name: a, env: [B]", "unknown-field", /`env` does not go with/],
  ["to: vault, name: a", "invalid-value", /`github-output`/],
  ["to: age, file: ../../x.age, recipients: [" + RECIPIENT + "]", "invalid-delivery", /outside the folder/],
  ["to: age, file: x.age, recipients: []", "invalid-delivery", /nobody could read/],
  [`to: age, file: x.age, recipients: [${RECIPIENT.replace("z7", "7z")}]`, "invalid-delivery", /mistyped/],
  [`to: age, file: x.age, recipients: [${RECIPIENT.toUpperCase()}]`, "invalid-delivery", /cannot be a recipient/],
  ["to: age, file: x.age, recipients: [ssh-ed25519 AAAA]", "invalid-delivery", /cannot be a recipient/],
  [
    "to: age, file: x.age, recipients: [AGE-SECRET-KEY-1QQQQ]",
    "invalid-delivery",
    /a secret key cannot be a recipient/,
  ],
  ["to: age, file: x.age, recipients: age1", "wrong-type", /must be a list/],
  ["to: command, command: []", "invalid-delivery", /names no program/],
  ["to: command, command: ['  ', x]", "invalid-delivery", /names no program/],
  ['to: command, command: [x, "a\\0b"]', "invalid-delivery", /NUL/],
  ["to: command, command: gh secret set", "wrong-type", /must be a list/],
  ["to: command, command: [x, 1]", "wrong-type", /must be text/],
  ["to: command, command: [x], read: []", "invalid-delivery", /names no program/],
  ["to: command, command: [x], env: ['GH_TOKEN=abc']", "invalid-delivery", /no name of a variable/],
  ["to: github-env, name: api_key", "invalid-delivery", /capitals/],
  ...["PATH", "NODE_OPTIONS", "LD_PRELOAD", "BASH_ENV"].map(
    (name) => [`to: github-env, name: ${name}`, "invalid-delivery", /other programs run/] as const,
  ),
  ...["GITHUB_TOKEN", "RUNNER_TEMP", "ACTIONS_RUNTIME_TOKEN", "CI"].flatMap((name) =>
    ["github-env", "github-output"].map(
      (to) => [`to: ${to}, name: ${name}`, "invalid-delivery", /the runner's own/] as const,
    ),
  ),
  ["to: github-output, name: node_options", "invalid-delivery", /other programs run/],
  ["to: github-output, name: 'a b'", "invalid-delivery", /letters, digits/],
  ['to: github-output, name: "a<<E\\nb"', "invalid-delivery", /letters, digits/],
];
test.each(REFUSED)("refuses { %s }", async (delivery, code, words) => {
  const { diagnostics } = await load(delivery);
  expect(diagnostics.map((one) => one.code)).toEqual([code]);
  const [one] = diagnostics;
  expect(`${one?.summary ?? ""} ${one?.detail ?? ""} ${one?.fix ?? ""}`).toMatch(words);
  expect(one?.fix).toBeDefined();
  expect(one?.range?.start.line).toBeGreaterThanOrEqual(7);
});

const RECIPIENTS = `recipients: [${RECIPIENT}]`;
test.each([
  ["age files", [`to: age, file: x, ${RECIPIENTS}`, `to: age, file: ./x, ${RECIPIENTS}`], "another secret goes to"],
  ["commands", ["to: command, command: [a, b]", "to: command, command: [a, b], env: [C]"], "another secret goes to"],
  ["variables", ["to: github-env, name: A", "to: github-env, name: A"], "another secret goes to"],
  ["forms", ["to: dotenv, file: x, name: A", `to: age, file: x, ${RECIPIENTS}`], "both as dotenv and as age"],
])("two secrets never share %s", async (_, deliveries, words) => {
  const { diagnostics } = await load(...deliveries);
  expect(diagnostics.map(summaryLine)).toEqual([expect.stringContaining(words)]);
});

test("a variable and an output of one name are two places, and so are two names", async () => {
  const result = await load(
    "to: github-env, name: A",
    "to: github-output, name: A",
    "to: github-env, name: B",
    "to: command, command: [a, b]",
    "to: command, command: [a b]",
  );
  expect(manifestOf(result).keys[0]?.deliver).toHaveLength(5);
});

test("editors are told the same: the whole schema refuses what lacks a field or has one too many", () => {
  const accepts = new Ajv({ allErrors: true, strictTypes: false }).addKeyword("markdownDescription").compile(schema);
  const declare = (delivery: object) => ({
    ...{ version: 1, account: "a", project: "p" },
    keys: { k: { algorithms: [], deliver: [delivery] } },
  });
  const whole = { file: "f", name: "N", recipients: [RECIPIENT], command: ["x"], env: [], read: ["y"] };
  const kinds = {
    dotenv: ["file", "name"],
    json: ["file", "name"],
    age: ["file", "recipients"],
    command: ["command"],
    "github-env": ["name"],
    "github-output": ["name"],
  };
  for (const [to, needed] of Object.entries(kinds)) {
    const sound = Object.fromEntries(Object.entries(whole).filter(([field]) => needed.includes(field)));
    expect([to, accepts(declare({ to, ...sound }))]).toEqual([to, true]);
    for (const field of needed) {
      const lacking = Object.fromEntries(Object.entries(sound).filter(([name]) => name !== field));
      expect([to, field, accepts(declare({ to, ...lacking }))]).toEqual([to, field, false]);
    }
    for (const [field, value] of Object.entries(whole)) {
      const goes = needed.includes(field) || (to === "command" && ["env", "read"].includes(field));
      expect([to, field, accepts(declare({ to, ...sound, [field]: value }))]).toEqual([to, field, goes]);
    }
  }
});

test("recipients that the library makes are taken, and none with one letter changed", async () => {
  for (let round = 0; round < 50; round++) {
    const recipient = await identityToRecipient(await generateX25519Identity());
    expect(isAgeRecipient(recipient)).toBe(true);
    fc.assert(
      fc.property(fc.nat(57), fc.constantFrom(...Array.from("qpzry9x8gf2tvdw0s3jn54khce6mua7l")), (at, letter) => {
        const changed = `age1${recipient.slice(4, 4 + at)}${letter}${recipient.slice(5 + at)}`;
        expect(isAgeRecipient(changed)).toBe(changed === recipient);
      }),
      { numRuns: 40 },
    );
  }
});

import { mkdirSync, readdirSync, readFileSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tokenKind } from "../../src/core/token.ts";
import { EXAMPLE, makeWorkspace } from "./workspace.ts";

/** A session in the order in which people do these things; each line with the exit code that it ends with. */
const SESSION: readonly (readonly [number, string])[] = [
  [0, "validate"],
  [0, "plan --out first.json"],
  [0, "apply first.json"],
  [6, "apply first.json"],
  [0, "keys list --json"],
  [0, "keys get review-scores"],
  [0, "keys get review-scores --json"],
  [0, "export --unmanaged --out exported.yaml"],
  [0, "keys set review-scores data=read"],
  [0, "plan --json --full --out drift.json"],
  [0, "plan --format markdown"],
  [0, "show drift.json --full"],
  [0, "apply -y --json"],
  [0, "try review-scores --data read --json"],
  [3, "plan broken.yaml"],
  [3, "apply exported.yaml"],
  [5, "plan empty.yaml"],
  [1, "keys get nobody"],
];

/** Every file below a folder, by its path. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    statSync(join(folder, file)).isFile(),
  );
}

/** The forms in which a leaked secret would be found. */
function formsOf(secret: string): Buffer[] {
  const bytes = Buffer.from(secret);
  const forms = [secret, bytes.toString("hex"), bytes.toString("base64"), encodeURIComponent(secret)];
  // Within a longer stretch of base64 a text stands in one of three shapes, by where it begins.
  for (const shift of [1, 2])
    forms.push(
      Buffer.concat([Buffer.alloc(shift), bytes])
        .toString("base64")
        .slice(4, -4),
    );
  // The middle alone would be as good as all of it.
  forms.push(secret.slice(7, 25));
  return forms.map((form) => Buffer.from(form.replaceAll("=", "")));
}

test("secrets are in the files that they were delivered to, and nowhere else after a whole session (field rows 6, 18)", async () => {
  const at = makeWorkspace({
    "keys.yaml": EXAMPLE,
    "broken.yaml": EXAMPLE.replace("data: readwrite", "data: everything"),
    "empty.yaml": "version: 1\naccount: acme\nproject: storefront\nkeys: {}\n",
  });
  const said: string[] = [];
  for (const [exitCode, args] of SESSION) {
    const { stdout, stderr } = await at.runTo(exitCode, args);
    said.push(stdout, stderr);
  }
  // One delivery that fails after another has got the same secret, and the secret that replaces it.
  mkdirSync(join(at.folder, "late.env"));
  const late =
    "    deliver:\n      - { to: dotenv, file: ok.env, name: LATE }\n      - { to: dotenv, file: late.env, name: LATE }\n";
  at.write("keys.yaml", `${EXAMPLE}  late:\n    algorithms: []\n${late}`);
  for (const [exitCode, args] of [
    [9, "apply -y"],
    [9, "apply -y --format markdown"],
  ] as const) {
    const { stdout, stderr } = await at.runTo(exitCode, args);
    said.push(stdout, stderr, at.read("ok.env"));
  }
  rmdirSync(join(at.folder, "late.env"));
  const last = await at.runTo(0, "apply -y --json");
  const account = await at.runTo(0, "account create globex --reveal");
  said.push(last.stdout, last.stderr);

  const holders = [".env", "secrets.json", "ok.env", "late.env"];
  const secretsOf = (text: string): string[] =>
    (text.match(/\w{28}/g) ?? []).filter((word) => tokenKind(word) !== undefined);
  const secrets = new Set([...holders.map((file) => at.read(file)), ...said, account.stdout].flatMap(secretsOf));
  expect(secrets.size).toBe(6);

  const places = new Map<string, Buffer>(
    filesBelow(at.folder)
      .filter((file) => !holders.includes(file))
      .map((file) => [file, readFileSync(join(at.folder, file))]),
  );
  expect([...places.keys()]).toEqual(expect.arrayContaining([".algokeys/platform.db", "first.json", "exported.yaml"]));
  said.forEach((text, index) => {
    if (!/^\w+=\w{28}\n$/.test(text)) places.set(`output ${String(index)}`, Buffer.from(text));
  });
  const leaks = [...secrets].flatMap((secret) =>
    formsOf(secret).flatMap((form) => [...places].flatMap(([place, bytes]) => (bytes.includes(form) ? [place] : []))),
  );
  expect(leaks).toEqual([]);
});

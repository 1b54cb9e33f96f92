import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  copyWorkspace,
  declaring,
  EXAMPLE,
  makeWorkspace,
  PLAIN_KEY,
  removeWorkspace,
  type Workspace,
} from "./workspace.ts";

interface ListedKey {
  readonly id: string;
  readonly name: string;
  readonly revision: number;
  readonly credentials: readonly { readonly fingerprint: string }[];
}

async function listKeys(at: Workspace): Promise<ListedKey[]> {
  const { stdout } = await at.runTo(0, "keys list --json");
  return (JSON.parse(stdout) as { keys: ListedKey[] }).keys;
}

async function keyNamed(at: Workspace, name: string): Promise<ListedKey> {
  const key = (await listKeys(at)).find((candidate) => candidate.name === name);
  if (key === undefined) throw new Error(`no key ${name}`);
  return key;
}

/** A digest over every file of the platform: equal means that nothing at all was written. */
function platformDigest({ folder }: Workspace): string {
  const hash = createHash("sha256");
  for (const file of readdirSync(join(folder, ".algokeys")).sort()) {
    hash.update(file).update(readFileSync(join(folder, ".algokeys", file)));
  }
  return hash.digest("hex");
}

describe("a first day", () => {
  test("init writes a starter that validates and plans, and never overwrites", async () => {
    const at = makeWorkspace();
    const { stdout } = await at.runTo(0, "init --account globex --project billing");
    expect(stdout).toContain("Wrote keys.yaml");
    const starter = at.read("keys.yaml");
    expect((await at.runTo(0, "validate")).stdout).toBe(
      "Valid: 1 key of project billing, account globex (keys.yaml).\n",
    );
    expect((await at.runTo(0, "plan")).stdout).toContain("Plan: 1 to create.");
    const again = await at.runTo(1, "init --account other");
    expect(again.stderr).toContain("It is there already, and it is left as it is.");
    expect(at.read("keys.yaml")).toBe(starter);
  });

  test("init refuses names that no declaration could hold", async () => {
    const at = makeWorkspace();
    expect((await at.runTo(3, 'init --account "a b"')).stderr).toContain('--account "a b" is not a name');
    expect((await at.runTo(3, "init --project ../x")).stderr).toContain('--project "../x" is not a name');
    expect(readdirSync(at.folder)).toEqual([]);
  });

  test("validate names every mistake of a file in one run, each with its place", async () => {
    const at = makeWorkspace({
      "keys.yaml": declaring({ web: "{ algorithmz: [algo://*], data: all }", app: "{ algorithms: [demos/x] }" }),
    });
    const { stderr, stdout } = await at.runTo(3, "validate");
    expect(stdout).toBe("");
    expect(stderr).toContain("algorithmz");
    for (const place of ["keys.yaml:5:10", "keys.yaml:5:40", "keys.yaml:6:23"]) expect(stderr).toContain(place);
    expect(stderr).toContain("Did you mean");
  });

  test("a plan makes no platform, whatever its exit code has to say", async () => {
    const at = makeWorkspace({ "keys.yaml": declaring({ app: PLAIN_KEY }) });
    await at.runTo(0, "plan");
    await at.runTo(0, "diff");
    await at.runTo(2, "plan --detailed-exitcode");
    await at.runTo(7, "plan --expect-no-changes");
    expect(readdirSync(at.folder)).toEqual(["keys.yaml"]);
  });
});

describe("an applied declaration", () => {
  let applied: Workspace;
  beforeAll(async () => {
    applied = makeWorkspace({ "keys.yaml": EXAMPLE }, "keep");
    await applied.runTo(0, "apply -y");
  });
  afterAll(() => {
    removeWorkspace(applied);
  });

  test("plans empty, and a second apply writes not one byte", async () => {
    const at = copyWorkspace(applied);
    const before = platformDigest(at);
    const files = readdirSync(at.folder);
    const { stdout } = await at.runTo(0, "plan --detailed-exitcode --expect-no-changes");
    expect(stdout).toContain("No changes. Live keys match the declaration. 3 keys.");
    expect((await at.runTo(0, "apply")).stdout).toContain("No changes.");
    await at.runTo(0, "apply -y --json");
    expect(platformDigest(at)).toBe(before);
    expect(readdirSync(at.folder)).toEqual(files);
    expect(at.read(".env")).toBe(applied.read(".env"));
  });

  test("plans empty after its keys, lists and fields were shuffled, and after a split into two files (field row 5)", async () => {
    const at = copyWorkspace(applied);
    at.write("shuffled.yaml", SHUFFLED);
    expect((await at.runTo(0, "plan shuffled.yaml --detailed-exitcode")).stdout).toContain("No changes.");
    const head = "version: 1\naccount: acme\nproject: storefront\ndefaults: { labels: { team: shop } }\nkeys:\n";
    const [, keys = ""] = SHUFFLED.split("keys:\n");
    const [first = "", rest = ""] = keys.split("  # --\n");
    at.write("team/a.yaml", head + rest);
    at.write("team/b.yaml", head + first);
    for (const paths of ["team/b.yaml team/a.yaml", "-f team/a.yaml -f team/b.yaml", "team"]) {
      expect((await at.runTo(0, `plan ${paths} --detailed-exitcode`)).stdout).toContain("No changes.");
    }
  });

  test("exports to what plans empty, in a fresh folder too", async () => {
    const at = copyWorkspace(applied);
    const { stdout } = await at.runTo(0, "export");
    at.write("exported.yaml", stdout);
    expect((await at.runTo(0, "plan exported.yaml --detailed-exitcode")).stdout).toContain("No changes.");
    const fresh = makeWorkspace();
    const platform = `--platform file:${join(at.folder, ".algokeys/platform.db")}`;
    await fresh.runTo(0, `${platform} export --account acme --project storefront --out keys.yaml`);
    expect(fresh.read("keys.yaml")).toBe(stdout);
    await fresh.runTo(0, `plan ${platform} --expect-no-changes`);
    const twice = await fresh.runTo(1, `${platform} export --out keys.yaml`);
    expect(twice.stderr).toContain("It is there already, and it is left as it is.");
    expect((await fresh.runTo(1, `${platform} export --account acme --project nobody`)).stderr).toContain(
      "no live key",
    );
    await fresh.runTo(3, `${platform} export --account acme`);
  });

  test("exports unmanaged keys on demand, which plan empty with --adopt", async () => {
    const at = copyWorkspace(applied);
    await at.runTo(0, "export --unmanaged --out all.yaml");
    expect(at.read("all.yaml")).toContain("default-key");
    const { stdout } = await at.runTo(0, "apply -y --adopt -f all.yaml");
    expect(stdout).toContain("1 adopted");
    await at.runTo(0, "plan all.yaml --expect-no-changes");
  });

  test("renames a key in place: id and secret stay", async () => {
    const at = copyWorkspace(applied);
    const before = await keyNamed(at, "review-scores");
    at.write("keys.yaml", EXAMPLE.replace("review-scores:", "scores:\n    renamed_from: review-scores"));
    const { stdout } = await at.runTo(0, "apply -y");
    expect(stdout).toContain("1 renamed");
    const after = await keyNamed(at, "scores");
    expect(after.id).toBe(before.id);
    expect(after.credentials).toEqual(before.credentials);
    expect(at.read(".env")).toBe(applied.read(".env"));
    await at.runTo(0, "plan --expect-no-changes");
  });

  test("swaps the names of two keys in one apply", async () => {
    const at = makeWorkspace({
      "keys.yaml": declaring({ a: "{ algorithms: [algo://one/x] }", b: "{ algorithms: [algo://two/x] }" }),
    });
    await at.runTo(0, "apply -y");
    const [a, b] = [await keyNamed(at, "a"), await keyNamed(at, "b")];
    at.write(
      "keys.yaml",
      declaring({
        a: "{ renamed_from: b, algorithms: [algo://two/x] }",
        b: "{ renamed_from: a, algorithms: [algo://one/x] }",
      }),
    );
    expect((await at.runTo(0, "apply -y")).stdout).toContain("2 renamed");
    expect((await keyNamed(at, "a")).id).toBe(b.id);
    expect((await keyNamed(at, "b")).id).toBe(a.id);
    await at.runTo(0, "plan --expect-no-changes");
  });

  test("destroys only with the project's name, and restores each key with its secret", async () => {
    const at = copyWorkspace(applied);
    at.write("keys.yaml", EXAMPLE.replace("protect: true", "protect: false"));
    await at.runTo(0, "apply -y");
    const before = await keyNamed(at, "review-scores");
    const unasked = await at.runTo(3, "destroy");
    expect(unasked.stderr).toContain("--confirm storefront");
    expect((await at.runTo(3, "destroy --confirm shop")).stderr).toContain("does not name the project storefront");
    expect(await listKeys(at)).toHaveLength(4);
    expect((await at.runTo(0, "destroy --confirm storefront")).stdout).toContain("3 deleted");
    expect((await listKeys(at)).map(({ name }) => name)).toEqual(["default-key"]);
    expect((await at.runTo(0, "keys list --deleted")).stdout).toContain("review-scores");
    await at.runTo(0, "keys restore review-scores");
    const after = await keyNamed(at, "review-scores");
    expect(after.id).toBe(before.id);
    expect(after.credentials).toEqual(before.credentials);
  });

  test("shows drift that was made by hand, who made it, and takes it back", async () => {
    const at = copyWorkspace(applied);
    await at.runTo(0, "keys set review-scores algorithms=algo://*");
    const { stdout } = await at.runTo(2, "plan --detailed-exitcode");
    expect(stdout).toContain("algo://*");
    expect(stdout).toMatch(/changed outside|drift/i);
    await at.runTo(0, "apply -y");
    await at.runTo(0, "plan --expect-no-changes");
  });

  test("keeps platform, pepper and secrets to its owner", () => {
    expect(readdirSync(applied.folder).sort()).toEqual([".algokeys", ".env", "keys.yaml", "secrets.json"]);
    const platform = readdirSync(join(applied.folder, ".algokeys")).map((file) => join(".algokeys", file));
    expect(platform).toContain(".algokeys/platform.db.pepper");
    for (const file of [...platform, ".env", "secrets.json"]) {
      expect({ file, mode: statSync(join(applied.folder, file)).mode & 0o777 }).toEqual({ file, mode: 0o600 });
    }
  });
});

const SHUFFLED = `version: 1
project: storefront
account: acme
defaults: { labels: { team: shop } }
keys:
  nightly-batch:
    protect: true
    data: readwrite
    algorithms: [algo://acme/*]
    description: Trains the recommendation model
    deliver: [{ name: nightlyBatch, file: secrets.json, to: json }]
  # --
  storefront-web:
    origins: { referrers: ["*.shop.example.com", shop.example.com], web: true, native: false }
    algorithms: [algo://demos/sentiment_analysis]
    description: Sentiment widget on the product page
  review-scores:
    deliver: [{ to: dotenv, file: .env, name: ALGORITHMIA_API_KEY }]
    data: readwrite
    algorithms: [algo://nlp/*, algo://demos/sentiment_analysis]
    description: Scores new reviews every hour
`;

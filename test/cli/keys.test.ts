import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tokenKind } from "../../src/core/token.ts";
import {
  copyWorkspace,
  declaring,
  EXAMPLE,
  makeWorkspace,
  PLAIN_KEY,
  removeWorkspace,
  type Workspace,
} from "./workspace.ts";

let applied: Workspace;
beforeAll(async () => {
  applied = makeWorkspace({ "keys.yaml": EXAMPLE }, "keep");
  await applied.runTo(0, "apply -y");
});
afterAll(() => {
  removeWorkspace(applied);
});

interface GotKey {
  readonly spec: Readonly<Record<string, unknown>>;
  readonly credentials: readonly { readonly fingerprint: string }[];
}

async function getKey(at: Workspace, name: string): Promise<GotKey> {
  const { stdout } = await at.runTo(0, `keys get ${name} --json`);
  const [key] = (JSON.parse(stdout) as { keys: GotKey[] }).keys;
  if (key === undefined) throw new Error(`no key ${name}`);
  return key;
}

describe("keys", () => {
  test("list and get show what is live, under any spelling of a name's case", async () => {
    const { stdout } = await applied.runTo(0, "keys list");
    for (const name of ["default-key", "nightly-batch", "review-scores", "storefront-web", "4 keys."]) {
      expect(stdout).toContain(name);
    }
    const ours = await applied.runTo(0, "keys list --project storefront");
    expect(ours.stdout).not.toContain("default-key");
    expect((await applied.runTo(0, "keys get NIGHTLY-Batch")).stdout).toContain("Trains the recommendation model");
    expect((await applied.runTo(0, "keys list --deleted")).stdout).not.toContain("nightly-batch");
  });

  test("a name that is not there gets the nearest one, an account that is not there the way to it", async () => {
    expect((await applied.runTo(1, "keys get storefrontweb")).stderr).toContain("Did you mean storefront-web?");
    expect((await applied.runTo(1, "keys get zzzzzz")).stderr).toContain("algokeys keys list");
    expect((await applied.runTo(1, "keys list --account nobody")).stderr).toContain("there is no account nobody");
    const live = await applied.runTo(1, "keys restore storefront-web");
    expect(live.stderr).toContain("storefront-web is live, so there is nothing to restore");
    expect((await applied.runTo(1, "keys restore zzzzzz")).stderr).toContain("algokeys keys list --deleted");
    const elsewhere = makeWorkspace({ "keys.yaml": EXAMPLE });
    expect((await elsewhere.runTo(1, "keys list")).stderr).toContain("acme");
  });

  test("restore says once, and what to do, that the name is taken by now", async () => {
    const at = makeWorkspace({ "keys.yaml": declaring({ app: PLAIN_KEY }) });
    await at.runTo(0, "apply -y");
    at.write("keys.yaml", declaring({ web: PLAIN_KEY }));
    await at.runTo(0, "apply -y --max-deletes 1");
    at.write("keys.yaml", declaring({ web: PLAIN_KEY, App: PLAIN_KEY }));
    await at.runTo(0, "apply -y");
    const { stderr } = await at.runTo(1, "keys restore app");
    expect(stderr.match(/another live key has its name/g)).toHaveLength(1);
    expect(stderr).toContain("renamed_from: App");
    at.write("keys.yaml", declaring({ web: PLAIN_KEY, other: "{ renamed_from: App, algorithms: [] }" }));
    await at.runTo(0, "apply -y");
    await at.runTo(0, "keys restore app");
    expect((await at.runTo(1, "keys restore wbe")).stderr).not.toContain("Did you mean");
  });

  test("set changes each kind of field by hand, and the secret stays", async () => {
    const at = copyWorkspace(applied);
    const before = await getKey(at, "review-scores");
    const edits = [
      "enabled=false",
      "data=read",
      "algorithms=algo://a/b,algo://c/d/1.2.3",
      "origins.web=true",
      "origins.referrers=shop.example.com,*.shop.example.com",
      "labels.team=pricing",
      '"labels.cost-centre=12=a"',
      "\"description=costs ${budget} a month: $5, 'quoted'\"",
      "expires=2099-01-01T00:00:00Z",
    ];
    const { stdout } = await at.runTo(0, `keys set review-scores ${edits.join(" ")}`);
    expect(stdout).toContain("The next plan of storefront will show it as drift.");
    const after = await getKey(at, "review-scores");
    expect(after.spec).toMatchObject({
      enabled: false,
      data: "read",
      algorithms: ["algo://a/b", "algo://c/d/1.2.3"],
      labels: { team: "pricing", "cost-centre": "12=a" },
      description: "costs ${budget} a month: $5, 'quoted'",
    });
    expect(JSON.stringify(after.spec)).toContain("*.shop.example.com");
    expect(String(after.spec["expires"])).toContain("2099-01-01T00:00:00");
    expect(after.credentials).toEqual(before.credentials);
    await at.runTo(0, "keys set review-scores expires=null labels.team=null origins.referrers=null");
    const cleared = await getKey(at, "review-scores");
    expect(cleared.spec).toMatchObject({ expires: null, labels: { "cost-centre": "12=a" } });
    expect(JSON.stringify(cleared.spec)).not.toContain("shop.example.com");
  });

  test("set exports and reads back a value that looks like a variable", async () => {
    const at = copyWorkspace(applied);
    await at.runTo(0, 'keys set review-scores "description=${env.HOME} and $${x}"');
    expect((await getKey(at, "review-scores")).spec["description"]).toBe("${env.HOME} and $${x}");
    await at.runTo(0, "export --out exported.yaml");
    await at.runTo(0, "plan exported.yaml --expect-no-changes");
  });

  test.each([
    ["data=all", "read"],
    ["datta=read", "Did you mean `data`"],
    ["algorithms=demos/x", "algo://demos/x"],
    ["origins.native=false", "origins"],
    ["protect", "is not field=value"],
    ["__proto__.x=1", "is not field=value"],
    ["renamed_from=x", "Write it in the declaration, then run algokeys apply."],
    ["deliver=x", "Write it in the declaration, then run algokeys apply."],
    ["tests=x", "Write it in the declaration, then run algokeys apply."],
    ["delvier=x", "Fields are description, algorithms,"],
    ["constructor=x", "Fields are description, algorithms,"],
  ])("set refuses %s and writes nothing", async (edit, said) => {
    const { stderr } = await applied.runTo(3, `keys set review-scores ${edit}`);
    expect(stderr).toContain(said);
    expect((await getKey(applied, "review-scores")).spec).toMatchObject({ data: "readwrite", enabled: true });
  });
});

describe("try", () => {
  const web = "try storefront-web --call algo://demos/sentiment_analysis";
  test.each([
    [`${web} --origin https://shop.example.com`, "allow", "algo"],
    [`${web} --origin https://a.shop.example.com`, "allow", "algo"],
    [`${web} --origin https://evil.example.net`, "deny", "no_match"],
    [`${web} --origin http://shop.example.com`, "deny", "no_match"],
    [web, "deny", "native_not_allowed"],
    ["try storefront-web --call algo://nlp/x --origin https://shop.example.com", "deny", "not_in_list"],
    ["try review-scores --call nlp/summarizer/1.0.0", "allow", "owner"],
    ["try review-scores --data write", "allow", "data"],
    ["try storefront-web --data read --origin https://shop.example.com", "deny", "data_not_allowed"],
    ["try default-key --call algo://any/thing", "allow", "any"],
  ])("%s: %s, %s", async (args, effect, reason) => {
    const { stdout } = await applied.runTo(0, `${args} --json`);
    expect(JSON.parse(stdout)).toMatchObject({ effect, reason });
    expect((await applied.runTo(0, args)).stdout).toMatch(effect === "allow" ? /allowed/i : /refused|denied/i);
  });

  test("wants exactly one thing to try", async () => {
    expect((await applied.runTo(3, "try storefront-web")).stderr).toContain("one of --call and --data");
    expect((await applied.runTo(3, `${web} --data read`)).stderr).toContain("one of --call and --data");
    expect((await applied.runTo(3, "try storefront-web --data delete")).stderr).toContain("neither read nor write");
  });

  test("follows a change by hand at once", async () => {
    const at = copyWorkspace(applied);
    await at.runTo(0, "keys set review-scores enabled=false");
    expect((await at.runTo(0, "try review-scores --data read --json")).stdout).toContain("key_disabled");
  });
});

describe("account create", () => {
  test("without a terminal wants to be told what to do with the secret, and makes nothing before", async () => {
    const at = makeWorkspace();
    const { stderr } = await at.runTo(3, "account create globex");
    expect(stderr).toContain("--reveal");
    expect(stderr).toContain("--no-credential");
    expect((await at.runTo(1, "keys list --account globex")).stderr).toContain("no account globex");
  });

  test("shows one well-formed secret, once", async () => {
    const at = makeWorkspace();
    const { stdout } = await at.runTo(0, "account create globex --reveal");
    const tokens = (stdout.match(/\w{28}/g) ?? []).filter((word) => tokenKind(word) === "caller");
    expect(tokens).toHaveLength(1);
    const listed = await at.runTo(0, "keys get default-key --account globex --json");
    expect(listed.stdout).not.toContain(tokens[0]);
    expect(listed.stdout).toContain(`${String(tokens[0]).slice(0, 7)}*`);
    const again = await at.runTo(1, "account create Globex --reveal");
    expect(again.stdout).not.toMatch(/sim\w{25}/);
    expect(again.stderr).toContain("there is an account Globex already");
    expect(again.stderr).toContain("fix: See its keys with: algokeys keys list --account Globex");
  });

  test.each(['"a b"', "1abc", "a-b", '""'])("refuses the name %s before anything else, with the rule", async (name) => {
    const { stderr } = await makeWorkspace().runTo(3, `account create ${name}`);
    expect(stderr).toContain("is not a name");
    expect(stderr).toContain("fix: A name is a letter, then at most 29 letters, digits and _.");
  });

  test("makes default-key without a secret on demand", async () => {
    const at = makeWorkspace();
    await at.runTo(0, "account create globex --no-credential");
    const key = await at.runTo(0, "keys get default-key --account globex --json");
    expect(key.stdout).toContain('"credentials": []');
  });
});

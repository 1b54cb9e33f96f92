import { mkdirSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tokenKind } from "../../src/core/token.ts";
import { declaring, makeWorkspace, type Workspace } from "./workspace.ts";

const TO_ENV = "{ algorithms: [algo://a/b], deliver: [{ to: dotenv, file: .env, name: API_KEY }] }";
const TO_JSON = "{ algorithms: [algo://a/b], deliver: [{ to: json, file: conf/secrets.json, name: /web/key }] }";

const ENV_BEFORE = "# of ours\r\nexport OTHER='a # b'\r\nAPI_KEY=\"stale\" # the key\r\n\r\nLAST=1";
const JSON_BEFORE = '{\n    "other" : [1,2],\n    "web": { "key": null , "x": 1 } // kept\n}\n';

function mode(at: Workspace, file: string): number {
  return statSync(join(at.folder, file)).mode & 0o777;
}

describe("delivered secrets", () => {
  test("stand in their files, readable by the owner only, every other byte as it was", async () => {
    const at = makeWorkspace({
      "keys.yaml": declaring({ app: TO_ENV, web: TO_JSON }),
      ".env": ENV_BEFORE,
      "conf/secrets.json": JSON_BEFORE,
    });
    const { stdout } = await at.runTo(0, "apply -y");
    expect(stdout).toContain("dotenv .env#API_KEY");
    const [, inEnv = ""] = /API_KEY="(\w+)"/.exec(at.read(".env")) ?? [];
    const [, inJson = ""] = /"key": "(\w+)"/.exec(at.read("conf/secrets.json")) ?? [];
    expect([tokenKind(inEnv), tokenKind(inJson)]).toEqual(["caller", "caller"]);
    expect(inEnv).not.toBe(inJson);
    expect(at.read(".env")).toBe(ENV_BEFORE.replace("stale", inEnv));
    expect(at.read("conf/secrets.json")).toBe(JSON_BEFORE.replace("null", `"${inJson}"`));
    expect([mode(at, ".env"), mode(at, "conf/secrets.json")]).toEqual([0o600, 0o600]);
  });

  test("make their file and its folder where there is none", async () => {
    const at = makeWorkspace({ "keys.yaml": declaring({ web: TO_JSON }) });
    await at.runTo(0, "apply -y");
    expect(tokenKind((JSON.parse(at.read("conf/secrets.json")) as { web: { key: string } }).web.key)).toBe("caller");
  });

  test("never leave the folder of the run", async () => {
    const away = "{ algorithms: [], deliver: [{ to: dotenv, file: ../.env, name: API_KEY }] }";
    const at = makeWorkspace({ "keys.yaml": declaring({ app: away }) });
    expect((await at.runTo(3, "apply -y")).stderr).toContain("../.env");
  });
});

describe("a delivery that fails", () => {
  test("ends with 9 and the way on; a second apply issues another secret and ends with 0", async () => {
    const at = makeWorkspace({ "keys.yaml": declaring({ app: TO_ENV, web: TO_JSON }) });
    mkdirSync(join(at.folder, ".env"));
    const failed = await at.runTo(9, "apply -y");
    expect(failed.stdout).toContain("app");
    expect(failed.stdout).toContain(".env");
    expect(failed.stdout).toMatch(/apply/);
    const pending = await at.runTo(2, "plan --detailed-exitcode");
    expect(pending.stdout).toContain("1 to issue");
    const json = JSON.parse((await at.runTo(9, "apply -y --json")).stdout) as Record<string, unknown>;
    expect(json).toMatchObject({ outcome: "applied-in-part", error: { code: "delivery" } });
    rmdirSync(join(at.folder, ".env"));
    const resumed = await at.runTo(0, "apply -y");
    expect(resumed.stdout).toContain("Apply complete!");
    expect(tokenKind(at.read(".env").trim().replace("API_KEY=", ""))).toBe("caller");
    await at.runTo(0, "plan --expect-no-changes");
  });

  test("of one key leaves the other key's secret delivered", async () => {
    const at = makeWorkspace({ "keys.yaml": declaring({ app: TO_ENV, web: TO_JSON }) });
    mkdirSync(join(at.folder, ".env"));
    await at.runTo(9, "apply -y");
    const web = at.read("conf/secrets.json");
    rmdirSync(join(at.folder, ".env"));
    await at.runTo(0, "apply -y");
    expect(at.read("conf/secrets.json")).toBe(web);
  });
});

describe("--reveal", () => {
  test.each(["apply -y --reveal", "apply -y --reveal --json", "apply -y --reveal --format markdown"])(
    "is refused without a terminal: %s",
    async (args) => {
      const at = makeWorkspace({ "keys.yaml": declaring({ app: "{ algorithms: [] }" }) });
      const { stderr, stdout } = await at.runTo(3, args);
      expect(stderr).toContain("--reveal shows secrets on a terminal");
      expect(stderr).toContain("deliver:");
      expect(stdout).not.toContain("changes");
    },
  );
});

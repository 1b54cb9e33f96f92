import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { LOOKS_LIKE_SECRET, secretsIn } from "../support/secrets-in.ts";
import { terraformWorkspace, type TerraformWorkspace } from "../support/terraform.ts";

const open: TerraformWorkspace[] = [];
afterEach(async () => {
  for (const workspace of open.splice(0)) await workspace.close();
});

/** Every file below a folder but the platform's own: its bytes, and those of each member of an archive. */
function everything(folder: string): readonly (readonly [string, string])[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).flatMap((name) => {
    const path = join(folder, name);
    if (!statSync(path).isFile()) return [];
    const bytes = readFileSync(path);
    return [[name, bytes.toString("latin1")] as const, ...members(name, bytes)];
  });
}

/** The members of a zip, unpacked: each begins with its local header. */
function members(name: string, bytes: Buffer): readonly (readonly [string, string])[] {
  const found: [string, string][] = [];
  for (let at = bytes.indexOf("PK\u0003\u0004"); at >= 0; at = bytes.indexOf("PK\u0003\u0004", at + 4)) {
    const start = at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
    try {
      const text = bytes.readUInt16LE(at + 8) === 8 ? inflateRawSync(bytes.subarray(start)) : bytes.subarray(start);
      found.push([
        `${name}!${bytes.toString("utf8", at + 30, at + 30 + bytes.readUInt16LE(at + 26))}`,
        text.toString("latin1"),
      ]);
    } catch {
      // these four bytes stood within another member
    }
  }
  return found;
}

const SINGLE = `
ephemeral "algorithmia_secret" "web" {}
resource "algorithmia_api_key" "web" {
  name              = "web"
  algorithms        = ["algo://demos/hello"]
  secret_wo         = ephemeral.algorithmia_secret.web.secret
  secret_wo_version = VERSION
}
`;
const PROJECT = `
ephemeral "algorithmia_secret" "web" {}
resource "algorithmia_api_keys" "all" {
  project             = "shop"
  keys                = { web = { algorithms = ["algo://demos/hello"] } }
  secrets_wo          = { web = ephemeral.algorithmia_secret.web.secret }
  secrets_wo_versions = { web = VERSION }
}
`;

describe("a secret that is written only", () => {
  test.each([
    ["of one key", SINGLE],
    ["of a whole project", PROJECT],
  ])(
    "%s is in no state, backup, plan file, JSON, screen or log at trace level (field row 28)",
    async (_, configuration) => {
      const at = await terraformWorkspace(configuration.replace("VERSION", "1"));
      open.push(at);
      const trace = { TF_LOG: "trace", TF_LOG_PATH: join(at.folder, "trace.log") };
      const screens: string[] = [];
      const run = async (args: string): Promise<void> => {
        const { exitCode, output } = await at.run(args, trace);
        screens.push(output);
        expect([args, exitCode, exitCode === 0 ? "" : output]).toEqual([args, 0, ""]);
      };
      await run("init");
      await run("plan -out=plan.bin");
      await run("show -json plan.bin");
      await run("apply plan.bin");
      await run("plan");
      at.write("main.tf", configuration.replace("VERSION", "2"));
      await run("apply -auto-approve");
      await run("show -json");
      await run("apply -auto-approve -destroy");
      const files = everything(at.folder);
      expect(files.map(([name]) => name)).toEqual(
        expect.arrayContaining([
          "terraform.tfstate",
          "terraform.tfstate.backup",
          "trace.log",
          "plan.bin!tfplan",
          "plan.bin!tfstate",
        ]),
      );
      const leaks = [...files, ...screens.map((text, index) => [`screen ${String(index)}`, text] as const)].flatMap(
        ([name, text]) => secretsIn(text).map(() => name),
      );
      expect(leaks).toEqual([]);
    },
  );

  test("and kept by those who must is in the state alone, and never on the screen", async () => {
    const at = await terraformWorkspace(
      SINGLE.replace(/secret_wo .*\n/, "keep_secret_in_state = true\n").replace(/ *secret_wo_version.*\n/, ""),
    );
    open.push(at);
    for (const args of ["init", "plan -out=plan.bin", "apply plan.bin", "plan", "state show algorithmia_api_key.web"]) {
      const { exitCode, output } = await at.run(args);
      expect([args, exitCode, secretsIn(output)]).toEqual([args, 0, []]);
    }
    const holders = everything(at.folder).flatMap(([name, text]) => (secretsIn(text).length > 0 ? [name] : []));
    expect(holders).toEqual(["terraform.tfstate"]);
  });

  test("would be seen: the sweep finds one that lies there", async () => {
    const at = await terraformWorkspace("");
    open.push(at);
    const { makeToken } = await import("../../src/core/token.ts");
    const { randomBytes } = await import("node:crypto");
    at.write("leak.txt", `x${makeToken("caller", randomBytes).reveal()}x`);
    expect(everything(at.folder).flatMap(([name, text]) => (secretsIn(text).length > 0 ? [name] : []))).toEqual([
      "leak.txt",
    ]);
    expect(LOOKS_LIKE_SECRET.flags).toContain("g");
  });
});

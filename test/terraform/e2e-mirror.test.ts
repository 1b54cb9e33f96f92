import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { makeCertificate } from "../../src/terraform/plugin/certificate.ts";
import { CLI, cleanEnv } from "../support/run-cli.ts";
import { PROVIDER_HCL } from "../support/terraform.ts";
import { mirrorWorkspace, type MirrorWorkspace } from "../support/terraform-process.ts";

const PROVIDER = fileURLToPath(new URL("../../dist/cli/terraform-provider.cjs", import.meta.url));
const COOKIE = { TF_PLUGIN_MAGIC_COOKIE: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2" };

const open: MirrorWorkspace[] = [];
afterEach(() => {
  for (const workspace of open.splice(0)) workspace.close();
});

const KEY = `${PROVIDER_HCL}
ephemeral "algorithmia_secret" "web" {}
resource "algorithmia_api_key" "web" {
  name              = "web"
  algorithms        = ["algo://demos/hello"]
  secret_wo         = ephemeral.algorithmia_secret.web.secret
  secret_wo_version = 1
}
`;

function many(count: number): string {
  return `${PROVIDER_HCL}
resource "algorithmia_api_key" "each" {
  count                = ${String(count)}
  name                 = "key-\${count.index}"
  algorithms           = []
  keep_secret_in_state = true
}
`;
}

function installed(configuration: string): MirrorWorkspace {
  const at = mirrorWorkspace(configuration);
  open.push(at);
  const said = execFileSync(process.execPath, [CLI, "terraform", "install", "--dir", at.mirror], {
    cwd: at.folder,
    env: cleanEnv({ HOME: at.folder }),
    encoding: "utf8",
  });
  expect(said).toContain("provider_installation {");
  return at;
}

/** The processes of the provider that run out of a workspace, by what /proc says. */
function providerProcesses(at: MirrorWorkspace): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8");
        return command.includes("terraform-provider-algorithmia") && readlinkSync(`/proc/${name}/cwd`) === at.folder
          ? [Number(name)]
          : [];
      } catch {
        return []; // it has ended
      }
    });
}

async function until(holds: () => boolean, seconds: number): Promise<void> {
  for (let waited = 0; !holds() && waited < seconds * 1000; waited += 20) await wait(20);
  expect(holds()).toBe(true);
}

describe("the provider that the command line installs", () => {
  test("goes through init, validate, plan, apply, an empty second plan and destroy, under mutual TLS", async () => {
    const at = installed(KEY);
    expect(await at.runTo(0, "init")).toContain("Installed algokeys/algorithmia v0.1.0");
    expect(readFileSync(join(at.folder, ".terraform.lock.hcl"), "utf8")).toContain(
      'provider "registry.terraform.io/algokeys/algorithmia"',
    );
    expect(await at.runTo(0, "validate")).toContain("The configuration is valid");
    expect(await at.runTo(0, "plan")).toContain("1 to add");
    expect(await at.runTo(0, "apply -auto-approve")).toContain("1 added");
    expect(await at.runTo(0, "plan -detailed-exitcode")).toContain("No changes.");
    expect(await at.runTo(0, "apply -destroy -auto-approve")).toContain("1 destroyed");
    expect(providerProcesses(at)).toEqual([]);
  });

  test("is found without any configuration where Terraform looks by itself, and installed twice is installed once", async () => {
    const at = mirrorWorkspace(KEY);
    open.push(at);
    at.write("terraform.rc", "disable_checkpoint = true\n");
    const env = cleanEnv({ HOME: at.folder, TF_CLI_CONFIG_FILE: "" });
    const install = (): string =>
      execFileSync(process.execPath, [CLI, "terraform", "install"], { cwd: at.folder, env, encoding: "utf8" });
    expect(install()).toContain("Terraform finds it there without any configuration.");
    await at.runTo(0, "init");
    install();
    await at.runTo(0, "init"); // the lock file holds what was installed first
    expect(await at.runTo(0, "apply -auto-approve")).toContain("1 added");
    at.write(".terraformrc", "provider_installation {\n}\n");
    const stated = spawnSync(process.execPath, [CLI, "terraform", "install", "--json"], {
      cwd: at.folder,
      env,
      encoding: "utf8",
    });
    expect(JSON.parse(stated.stdout)).toMatchObject({ version: "0.1.0", cliConfiguration: null });
    expect(install()).toContain("states where providers come from");
  });

  test("serves two accounts as two providers, each with keys of its own", async () => {
    const alias = PROVIDER_HCL.slice(PROVIDER_HCL.indexOf("provider "))
      .replace("{", '{\n  alias = "globex"')
      .replace("acme", "globex");
    const at = installed(`${KEY}${alias}
resource "algorithmia_api_key" "theirs" {
  provider             = algorithmia.globex
  name                 = "web"
  algorithms           = []
  keep_secret_in_state = true
}
output "accounts" {
  value = [algorithmia_api_key.web.account, algorithmia_api_key.theirs.account]
}
`);
    await at.runTo(0, "init");
    expect(await at.runTo(0, "apply -auto-approve")).toMatch(/"acme",\s+"globex",/);
    await at.runTo(0, "plan -detailed-exitcode");
  });

  test("killed in the middle of an apply leaves nothing that a second apply does not set right", async () => {
    const at = installed(many(150));
    await at.runTo(0, "init");
    const run = at.start("apply -auto-approve -parallelism=2"); // slow enough to be met in the middle
    await until(() => /key|each\[\d+\]: Creation complete/.test(run.output()) && providerProcesses(at).length > 0, 30);
    await until(() => run.output().includes("Creation complete"), 30);
    for (const id of providerProcesses(at)) process.kill(id, "SIGKILL");
    expect(await run.ended).toBe(1);
    const again = await at.runTo(0, "apply -auto-approve");
    expect(again).toContain("Apply complete!");
    expect(await at.runTo(0, "plan -detailed-exitcode")).toContain("No changes.");
    const state = JSON.parse(readFileSync(join(at.folder, "terraform.tfstate"), "utf8")) as {
      resources: { instances: unknown[] }[];
    };
    expect(state.resources[0]?.instances).toHaveLength(150);
  });

  test("ends by itself once its terraform is gone", async () => {
    const at = installed(many(300));
    await at.runTo(0, "init");
    const run = at.start("apply -auto-approve");
    await until(() => run.output().includes("Creation complete"), 30);
    run.process.kill("SIGKILL");
    await run.ended;
    await until(() => providerProcesses(at).length === 0, 10);
  });
});

describe("the provider's executable", () => {
  test("started by hand says what it is, and how it is used", () => {
    const run = spawnSync(process.execPath, [PROVIDER], { env: cleanEnv(), encoding: "utf8" });
    expect([run.status, run.stdout]).toEqual([1, ""]);
    expect(run.stderr).toContain("a plugin for Terraform: it is not run by hand");
    expect(run.stderr).toContain("algokeys terraform install");
  });

  test("says which Terraform it is for if the protocol that it speaks is not offered", () => {
    const env = cleanEnv({ ...COOKIE, PLUGIN_PROTOCOL_VERSIONS: "4,5" });
    const run = spawnSync(process.execPath, [PROVIDER], { env, encoding: "utf8" });
    expect([run.status, run.stderr]).toEqual([1, expect.stringContaining("Terraform 1.0 or later") as string]);
  });

  test("answers only to the certificate that its host named", async () => {
    const { certificate } = await makeCertificate(Date.now());
    const other = await makeCertificate(Date.now());
    const child = spawn(process.execPath, [PROVIDER], {
      env: cleanEnv({ ...COOKIE, PLUGIN_CLIENT_CERT: certificate }),
    });
    try {
      const [line] = (await once(child.stdout, "data")) as [Buffer];
      const [core, protocol, network, socket = "", kind, own = ""] = line.toString().trim().split("|");
      expect([core, protocol, network, kind]).toEqual(["1", "6", "unix", "grpc"]);
      expect(existsSync(socket)).toBe(true);
      const pem = `-----BEGIN CERTIFICATE-----\n${own}${"=".repeat((4 - (own.length % 4)) % 4)}\n-----END CERTIFICATE-----\n`;
      const { connect } = await import("node:tls");
      const tries = [{ key: other.key, cert: other.certificate }, {}];
      for (const pair of tries) {
        const secure = connect({ path: socket, ca: pem, servername: "localhost", ALPNProtocols: ["h2"], ...pair });
        const refused = await new Promise<boolean>((resolve) => {
          secure.on("error", () => {
            resolve(true);
          });
          secure.on("close", () => {
            resolve(true);
          });
          secure.on("data", () => {
            resolve(false); // the server has greeted
          });
        });
        expect(refused).toBe(true);
        secure.destroy();
      }
    } finally {
      child.kill("SIGKILL");
    }
  });
});

import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { openEmbeddedPlatform, type EmbeddedPlatform } from "../../src/platform/embedded.ts";
import type { ProviderWorld } from "../../src/terraform/resources/algorithmia-provider.ts";
import { serveReattached } from "../../src/terraform/serve-provider.ts";

/** How a run of terraform ended and what it printed. */
export interface TerraformRun {
  readonly exitCode: number | null;
  /** Standard output and standard error together, without colour. */
  readonly output: string;
  /** The same in one line: Terraform breaks its messages to the width of a terminal. */
  readonly words: string;
}

/** A folder with a configuration, and a provider that is served from the test's own process. */
export interface TerraformWorkspace {
  readonly folder: string;
  /** The embedded platform's file, as `platform` of the provider takes it. */
  readonly platformUrl: string;
  /** Writes a file of the configuration. */
  write(name: string, text: string): void;
  read(name: string): string;
  /** Runs terraform with these arguments, without input and colour. */
  run(args: string, env?: Readonly<Record<string, string>>): Promise<TerraformRun>;
  /** Runs it, throws if it ends with another code, and gives what it printed in one line. */
  runTo(exitCode: number, args: string, env?: Readonly<Record<string, string>>): Promise<string>;
  /** Opens the embedded platform beside Terraform, as another user of it; closes it again. */
  withPlatform<T>(work: (platform: EmbeddedPlatform) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** What the provider takes from its process, in a test. */
export function providerWorld(folder: string, env: Readonly<Record<string, string>> = {}): ProviderWorld {
  const random = (count: number): Uint8Array => randomBytes(count);
  return {
    env,
    readFile: (path) => readFileSync(join(folder, path), "utf8"),
    random,
    sha256,
    now: () => Date.now(),
    from: "test-host, process 7",
    sleep: async (ms) => {
      await wait(ms);
    },
    openEmbedded: (file) =>
      openEmbeddedPlatform({ file: join(folder, file), actor: "terraform", clock: () => Date.now(), random }),
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The head of every configuration: the provider on the workspace's embedded platform. */
export const PROVIDER_HCL = `
terraform {
  required_providers {
    algorithmia = { source = "algokeys/algorithmia" }
  }
}
provider "algorithmia" {
  platform = "file:platform.db"
  account  = "acme"
}
`;

/** Makes a workspace whose `main.tf` is this, and whose `head.tf` names the provider and configures it. */
export async function terraformWorkspace(
  configuration: string,
  head: string = PROVIDER_HCL,
): Promise<TerraformWorkspace> {
  const folder = mkdtempSync(join(tmpdir(), "algokeys-terraform-"));
  const provider = await serveReattached(providerWorld(folder), process.pid);
  writeFileSync(join(folder, "terraform.rc"), "disable_checkpoint = true\n");
  writeFileSync(join(folder, "head.tf"), head);
  writeFileSync(join(folder, "main.tf"), configuration);
  const environment = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    TF_IN_AUTOMATION: "1",
    TF_INPUT: "0",
    CHECKPOINT_DISABLE: "1",
    TF_CLI_CONFIG_FILE: join(folder, "terraform.rc"),
    TF_REATTACH_PROVIDERS: provider.reattach,
  };
  const run: TerraformWorkspace["run"] = (args, env = {}) =>
    new Promise((resolve, reject) => {
      const child = spawn("terraform", args.split(" "), { cwd: folder, env: { ...environment, ...env } });
      let output = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          output += text;
        });
      }
      child.on("error", reject);
      child.on("close", (exitCode) => {
        const plain = output.replace(/\u001b\[[0-9;]*m/g, "");
        resolve({ exitCode, output: plain, words: plain.replace(/\s*\n(?:│ *)?/g, " ") });
      });
    });
  return {
    folder,
    platformUrl: "file:platform.db",
    write: (name, text) => {
      writeFileSync(join(folder, name), text);
    },
    read: (name) => readFileSync(join(folder, name), "utf8"),
    run,
    runTo: async (due, args, env) => {
      const { exitCode, output, words } = await run(args, env);
      if (exitCode === due) return words;
      throw new Error(`terraform ${args} ended with ${String(exitCode)}, not ${String(due)}:\n${output}`);
    },
    withPlatform: async (work) => {
      const clock = (): number => Date.now();
      const random = (count: number): Uint8Array => randomBytes(count);
      const platform = await openEmbeddedPlatform({
        file: join(folder, "platform.db"),
        actor: "somebody",
        clock,
        random,
      });
      try {
        return await work(platform);
      } finally {
        await platform.close();
      }
    },
    close: async () => {
      provider.kill();
      await provider.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

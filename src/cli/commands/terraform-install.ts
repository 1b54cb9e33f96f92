import { chmod, copyFile, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { arch, platform } from "node:process";
import { fileURLToPath } from "node:url";
import { makeFolder } from "../../apply/make-folder.ts";
import { jsonDocument, sentence } from "../../report/shown.ts";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CommandFailure } from "../failure.ts";
import { folderFailure } from "../file-failure.ts";
import { packageVersion } from "../package-file.ts";

interface InstallInput {
  readonly dir?: string;
  readonly json?: boolean;
}

/** The provider's address in full, as a path in a mirror. */
const ADDRESS = "registry.terraform.io/algokeys/algorithmia";

/**
 * `algokeys terraform install`: puts the provider where a plain `terraform init` finds it. What Terraform checks by the lock
 * file is the same on every machine with this release; where this package is stands outside of it.
 */
export async function terraformInstall(input: InstallInput, context: Context): Promise<ExitCode> {
  const target = targetOf();
  const version = await packageVersion();
  const home = homeOf(context);
  const implied = home === undefined ? undefined : join(home, ".terraform.d", "plugins");
  const mirror = input.dir === undefined ? (implied ?? noHome()) : namedFolder(input.dir, context);
  const versionFolder = join(mirror, ADDRESS, version);
  const folder = join(versionFolder, target);
  const executable = join(folder, `terraform-provider-algorithmia_v${version}`);
  const bundles = dirname(fileURLToPath(import.meta.url));
  try {
    await makeFolder(folder);
    await replace(join(bundles, "terraform-provider.cjs"), executable, 0o755);
    for (const name of ["provider.cjs", "provider.cjs.cache"])
      await replace(join(bundles, name), join(folder, name), 0o644);
    // Below a project of ES modules Node would take a file without an ending for one of them.
    await writeFile(join(folder, "package.json"), '{ "type": "commonjs" }\n');
    await writeFile(join(versionFolder, "algokeys-package"), `${resolve(bundles, "../..")}\n`);
  } catch (error) {
    throw folderFailure("the provider cannot be installed in", mirror, error);
  }
  const block = mirror === implied ? undefined : installationBlock(mirror);
  const configured = await statedInstallation(context);
  if (input.json === true) {
    context.stdout.write(
      jsonDocument({ formatVersion: 1, version, executable, mirror, cliConfiguration: block ?? null }),
    );
    return EXIT.ok;
  }
  context.stdout.write(
    sentence`Installed the provider ${version} in ${mirror}.\n\n` + nextSteps(version, block, configured, mirror),
  );
  return EXIT.ok;
}

/** What Terraform calls this machine. */
function targetOf(): string {
  const os = ({ linux: "linux", darwin: "darwin", freebsd: "freebsd" } as Readonly<Record<string, string>>)[platform];
  const cpu = ({ x64: "amd64", arm64: "arm64", arm: "arm", ia32: "386" } as Readonly<Record<string, string>>)[arch];
  if (os !== undefined && cpu !== undefined) return `${os}_${cpu}`;
  throw new CommandFailure(EXIT.error, `the provider of this package does not run on ${platform} ${arch}`, {
    detail: "Terraform starts a file that names Node in its first line, which this system does not read.",
    fix: "Use the self-contained provider of a release instead.",
  });
}

/** Puts a copy in place at once, so that a Terraform that is starting sees the one or the other whole. */
async function replace(source: string, file: string, mode: number): Promise<void> {
  const fresh = `${file}.new`;
  await rm(fresh, { force: true });
  await copyFile(source, fresh);
  await chmod(fresh, mode);
  await rename(fresh, file);
}

function homeOf({ env }: Context): string | undefined {
  const home = env["HOME"] ?? "";
  return home === "" ? undefined : home;
}

function namedFolder(dir: string, { cwd }: Context): string {
  if (dir !== "") return resolve(cwd, dir);
  throw new CommandFailure(EXIT.usage, '--dir "" names no folder', {
    fix: "Name a folder, or leave --dir out for the place where Terraform looks by itself.",
  });
}

function noHome(): never {
  throw new CommandFailure(EXIT.usage, "HOME is not set, so the place where Terraform looks is not known", {
    fix: "Set HOME, or name a folder with --dir.",
  });
}

/** The CLI configuration file that states where providers come from, if there is one; Terraform then looks nowhere else. */
async function statedInstallation(context: Context): Promise<string | undefined> {
  const stated = context.env["TF_CLI_CONFIG_FILE"] ?? "";
  const home = homeOf(context);
  if (stated === "" && home === undefined) return undefined;
  const file = stated === "" ? join(home ?? "", ".terraformrc") : stated;
  const text = await readFile(file, "utf8").catch(() => "");
  return /^\s*provider_installation\b/m.test(text) ? file : undefined;
}

function installationBlock(mirror: string): string {
  return [
    "provider_installation {",
    "  filesystem_mirror {",
    `    path    = ${JSON.stringify(mirror)}`,
    `    include = [${JSON.stringify(ADDRESS)}]`,
    "  }",
    "  direct {",
    `    exclude = [${JSON.stringify(ADDRESS)}]`,
    "  }",
    "}",
  ].join("\n");
}

function nextSteps(version: string, block: string | undefined, configured: string | undefined, mirror: string): string {
  const require = `terraform {
  required_providers {
    algorithmia = {
      source  = "algokeys/algorithmia"
      version = "${version}"
    }
  }
}`;
  const found =
    block === undefined && configured === undefined
      ? "Terraform finds it there without any configuration."
      : configured === undefined
        ? `Terraform finds it there once its CLI configuration (~/.terraformrc) says so:\n\n${block ?? ""}`
        : `${configured} states where providers come from, so Terraform looks nowhere else. Make it say there:\n\n${block ?? installationBlock(mirror)}`;
  return `${found}\n\nState it where you use it, and run terraform init:\n\n${require}\n`;
}

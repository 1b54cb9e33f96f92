// Makes the compiled forms of bundles (src/cli/bundle-loader.ts): runs one of them, so that what it needs is compiled, and
// writes each script's compiled form as the process ends. The build bundles and starts it with the name of the bundle.
import { writeFileSync } from "node:fs";
import type { Script } from "node:vm";
import { bundleLoader, codeCacheOf } from "../src/cli/bundle-loader.ts";
import { makeCertificate } from "../src/terraform/plugin/certificate.ts";

const [name = ""] = process.argv.splice(2, 1);
const scripts: [Script, string][] = [];
process.on("exit", () => {
  for (const [script, file] of scripts) writeFileSync(codeCacheOf(file), script.createCachedData());
});

/** What a provider is started with; once it has said where it listens, it has run what every start runs. */
async function asTerraform(): Promise<void> {
  const { certificate } = await makeCertificate(Date.now());
  process.env["TF_PLUGIN_MAGIC_COOKIE"] = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
  process.env["PLUGIN_CLIENT_CERT"] = certificate;
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (text: string | Uint8Array): boolean => {
    setTimeout(() => process.exit(0), 50);
    return write(text);
  };
}

const load = bundleLoader(process.env["BUNDLES"] ?? "", (script, file) => scripts.push([script, file]));
if (name === "provider.cjs") void asTerraform().then(() => load(name));
else load(name);

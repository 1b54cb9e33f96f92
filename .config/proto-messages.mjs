import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, "node_modules/.bin");

/** The TypeScript of protocol buffers' messages, by the file it goes to: `x.proto` becomes `x.generated.ts` beside it. */
export function protoMessages(sources) {
  const out = mkdtempSync(join(tmpdir(), "algokeys-proto-"));
  try {
    return Object.fromEntries(
      sources.map((source) => {
        const plugin = { local: join(bin, "protoc-gen-es"), out, opt: ["target=ts", "import_extension=js"] };
        const template = JSON.stringify({ version: "v2", plugins: [plugin] });
        const folder = dirname(join(root, source));
        execFileSync(join(bin, "buf"), ["generate", folder, "--path", join(root, source), "--template", template], {
          stdio: ["ignore", "ignore", "inherit"],
        });
        const text = readFileSync(join(out, basename(source).replace(".proto", "_pb.ts")), "utf8");
        return [source.replace(".proto", ".generated.ts"), text];
      }),
    );
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

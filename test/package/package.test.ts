import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { DIAGNOSTIC_CODES } from "../../src/core/diagnostic.ts";
import { ALLOW_SENTENCES, DENY_SENTENCES } from "../../src/report/decision-reasons.ts";
import { EXIT } from "../../src/cli/exit-code.ts";
import { MESSAGES } from "../../src/platform/gateway/refusal-messages.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface PackageFile {
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

function read(file: string): string {
  return readFileSync(`${root}/${file}`, "utf8");
}

const about = JSON.parse(read("package.json")) as PackageFile;

describe("the package", () => {
  test("holds the build, the schemas and its papers, and nothing else", () => {
    const text = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [packed] = JSON.parse(text) as { files: { path: string }[] }[];
    const paths = packed?.files.map(({ path }) => path) ?? [];
    const top = [...new Set(paths.map((path) => path.split("/")[0]))].sort();
    expect(top).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "dist", "package.json", "schemas"]);
    expect(paths.filter((path) => path.startsWith("schemas/")).sort()).toEqual([
      "schemas/key-api.openapi.json",
      "schemas/manifest.schema.json",
      "schemas/plan.schema.json",
      "schemas/report.schema.json",
    ]);
    expect(paths).toEqual(
      expect.arrayContaining(["dist/cli/algokeys.cjs", "dist/cli/main.cjs", "dist/cli/run.cjs", "dist/index.d.ts"]),
    );
    expect(paths.filter((path) => path.startsWith("dist/") && !/\.(?:c?js|d\.ts|cjs\.cache)$/.test(path))).toEqual([]);
  });

  test("depends on nine packages at most", () => {
    expect(Object.keys(about.dependencies).length).toBeLessThanOrEqual(9);
  });

  test("has every file that it exports", () => {
    const files = Object.values(about.exports).flatMap((entry) =>
      typeof entry === "string" ? [entry] : Object.values(entry),
    );
    for (const file of [...files, ...Object.values(about.bin)]) {
      expect({ file, exists: existsSync(`${root}/${file.replace("/*", "")}`) }).toEqual({ file, exists: true });
    }
  });

  test("can be imported by its name, from both entries", () => {
    const program =
      'const { defineManifest, authorize } = await import("algokeys");' +
      'const platform = await import("algokeys/platform");' +
      'const schema = await import("algokeys/schemas/plan.schema.json", { with: { type: "json" } });' +
      "console.log([typeof defineManifest, typeof authorize, typeof platform.openEmbeddedPlatform, schema.default.title].join());";
    const text = execFileSync(process.execPath, ["--no-warnings", "--input-type=module", "--eval", program], {
      cwd: root,
      encoding: "utf8",
    });
    expect(text).toBe("function,function,function,algokeys plan\n");
  });
});

describe("what is documented is there", () => {
  test("every npm command that a document names", () => {
    for (const file of ["README.md", "src/README.md"]) {
      const named = [...read(file).matchAll(/npm run ([a-z:]+)/g)].map(([, script = ""]) => script);
      expect({ file, missing: named.filter((script) => !(script in about.scripts)) }).toEqual({ file, missing: [] });
    }
    expect(read("README.md")).toMatch(/npm run quickstart/);
  });

  test("every file that a document links to", () => {
    for (const file of ["README.md", "src/README.md"]) {
      const folder = file.includes("/") ? `${root}/src` : root;
      const links = [...read(file).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = ""]) => path);
      expect({ file, missing: links.filter((path) => !existsSync(`${folder}/${path}`)) }).toEqual({
        file,
        missing: [],
      });
    }
  });
});

describe("what is there is documented in src/README.md", () => {
  const documented = (word: string): boolean => read("src/README.md").includes(`\`${word}\``);

  test("every diagnostic code", () => {
    expect(DIAGNOSTIC_CODES.filter((code) => !documented(code))).toEqual([]);
  });

  test("every reason of a decision", () => {
    const reasons = [...Object.keys(ALLOW_SENTENCES), ...Object.keys(DENY_SENTENCES)];
    expect(reasons.length).toBeGreaterThan(30);
    expect(reasons.filter((reason) => !documented(reason))).toEqual([]);
  });

  test("every reason of the gateway's own", () => {
    expect(Object.keys(MESSAGES).filter((reason) => !documented(reason))).toEqual([]);
  });

  test("every exit code", () => {
    const help = execFileSync(process.execPath, [`${root}/dist/cli/algokeys.cjs`, "--help"], { encoding: "utf8" });
    for (const code of Object.values(EXIT)) expect(help).toMatch(new RegExp(`\\b${String(code)} [a-z]`));
  });
});

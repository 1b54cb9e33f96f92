import { execFileSync, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Ajv from "ajv";
import { describe, expect, test } from "vitest";
import reportSchema from "../../schemas/report.schema.json" with { type: "json" };
import planSchema from "../../schemas/plan.schema.json" with { type: "json" };
import { findTokens } from "../../src/core/find-tokens.ts";
import { makeToken } from "../../src/core/token.ts";
import { tokenScanner, type ScannedToken } from "../../src/cli/token-scanner.ts";
import { CLI, cleanEnv } from "../support/run-cli.ts";
import { makeWorkspace, type Workspace } from "./workspace.ts";

const HOOK = fileURLToPath(new URL("../../examples/pre-commit/pre-commit", import.meta.url));
const fresh = (kind: "caller" | "admin" = "caller"): string =>
  makeToken(kind, (count) => Uint8Array.from(randomBytes(count))).reveal();

/** A workspace with two live keys whose secrets were delivered, `web` and `batch`. */
async function applied(): Promise<{ readonly at: Workspace; readonly web: string; readonly batch: string }> {
  const key = (name: string): string => `{ algorithms: [], deliver: [{ to: dotenv, file: .env, name: ${name} }] }`;
  const keys = `version: 1\naccount: acme\nproject: shop\nkeys:\n  web: ${key("WEB")}\n  batch: ${key("BATCH")}\n`;
  const at = makeWorkspace({ "keys.yaml": keys });
  await at.runTo(0, "apply --auto-approve");
  const token = (name: string): string => new RegExp(`^${name}=(.*)$`, "m").exec(at.read(".env"))?.[1] ?? "";
  return { at, web: token("WEB"), batch: token("BATCH") };
}

function git(at: Workspace, ...args: readonly string[]): string {
  const identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"];
  return execFileSync("git", [...identity, ...args], { cwd: at.folder, stdio: "pipe", encoding: "utf8" });
}

/** A workspace that is a checkout without a commit. */
function makeCheckout(): Workspace {
  const at = makeWorkspace();
  git(at, "init", "-q", ".");
  return at;
}

/** Commits whatever is there, and gives the beginning of the commit's id that a scan shows. */
function commitAll(at: Workspace, message: string, ...options: readonly string[]): string {
  git(at, "add", "--all");
  git(at, "commit", "-q", "--allow-empty", "-m", message, ...options);
  return git(at, "rev-parse", "HEAD").slice(0, 12);
}

/** The places that a scan of the whole history tells, without asking. */
async function historyPlaces(at: Workspace): Promise<readonly string[]> {
  const { stdout } = await at.runTo(5, "scan . --offline --history");
  return placesIn(stdout).filter((place) => /^[0-9a-f]{12}:/.test(place));
}

function placesIn(stdout: string): readonly string[] {
  return [...stdout.matchAll(/^(.*:\d+:\d+): (?:sim|adm)\w{4}\*+ /gm)].map(([, place = ""]) => place);
}

/** Text in UTF-16 of either byte order, with the mark of the order or without it. */
function utf16(text: string, order: "LE" | "BE", mark: boolean): Buffer {
  const bytes = Buffer.from(mark ? `\u{feff}${text}` : text, "utf16le");
  return order === "LE" ? bytes : bytes.swap16();
}

const UTF16: readonly (readonly ["LE" | "BE", boolean])[] = [
  ["LE", true],
  ["LE", false],
  ["BE", true],
  ["BE", false],
];

describe("a scan", () => {
  test("finds secrets in files by shape and checksum, says which are live, and shows none of them", async () => {
    const { at, web, batch } = await applied();
    await at.runTo(0, "revoke batch --all-but-newest --auto-approve");
    await at.runTo(0, "disable batch");
    const strange = fresh();
    const admin = fresh("admin");
    const false1 = `${strange.slice(0, 27)}2`;
    at.write("src/app.js", `// a\nconst key = "${web}"; // ${batch}\n`);
    at.write("src/notes.txt", `x${strange}y ${false1} ${admin}\n`);
    at.write("node_modules/x/index.js", fresh());
    writeFileSync(
      join(at.folder, "src/blob.bin"),
      Buffer.concat([Buffer.from([0, 255, 10, 0]), Buffer.from(web), Buffer.from([0])]),
    );
    const { stdout, stderr } = await at.runTo(5, "scan src");
    expect(stdout).toMatch(/^src\/app\.js:2:14: sim\w{4}\*+ is a live secret of the key web$/m);
    expect(stdout).toMatch(/^src\/app\.js:2:48: sim\w{4}\*+ was a secret of the key batch$/m);
    expect(stdout).toMatch(/^src\/blob\.bin:2:2: sim\w{4}\*+ is a live secret of the key web$/m);
    expect(stdout).toMatch(
      /^src\/notes\.txt:1:2: sim\w{4}\*+ is no secret of a key of the account acme; no other account was looked at$/m,
    );
    expect(stdout).toMatch(/^src\/notes\.txt:1:\d+: adm\w{4}\*+ is an admin key/m);
    expect(stdout).toContain("5 tokens in 3 files, 2 live.");
    expect(stderr).toMatch(/fix: Revoke what is live first: algokeys revoke web --credential \S+/);
    for (const token of [web, batch, strange, admin]) expect(stdout + stderr).not.toContain(token);
    const { stdout: named } = await at.runTo(5, "scan node_modules --offline");
    expect(named).toContain("node_modules/x/index.js:1:1: ");
    expect(named).toContain("was not looked up");
  });

  test("reads standard input, a piece at a time, and writes one document with --json", async () => {
    const { at, web } = await applied();
    const text = `${"a".repeat(65_530)}${web}\n`;
    const { stdout } = await at.runTo(5, "scan - --json", { stdin: text });
    const document: unknown = JSON.parse(stdout);
    const ajv = new Ajv.Ajv({ schemas: [reportSchema, planSchema], strict: false });
    expect(ajv.validate(reportSchema.$id, document)).toBe(true);
    expect(document).toMatchObject({
      files: 1,
      findings: [{ file: "-", line: 1, column: 65_531, state: "live", key: "web" }],
    });
    expect(stdout).not.toContain(web);
    const none = await at.runTo(0, "scan - --offline", { stdin: "nothing\n" });
    expect(none.stdout).toBe("No token in 1 file.\n");
  });

  test("reads what the history of a checkout ever held, with the commit that brought it", async () => {
    const { at, web } = await applied();
    git(at, "init", "-q", "repo");
    const repo = { ...at, folder: join(at.folder, "repo") };
    at.write("repo/a b.txt", `one\n${web}\n`);
    git(repo, "add", ".");
    git(repo, "commit", "-qm", "first");
    at.write("repo/a b.txt", "one\n");
    git(repo, "commit", "-qam", "second");
    expect((await at.runTo(0, "scan repo")).stdout).toContain("No token in 1 file.");
    const { stdout } = await at.runTo(5, "scan repo --history");
    const first = execFileSync("git", ["rev-list", "--max-parents=0", "HEAD"], {
      cwd: repo.folder,
      encoding: "utf8",
    }).slice(0, 12);
    expect(stdout).toMatch(new RegExp(`^${first}:a b\\.txt:2:1: sim\\w{4}\\*+ is a live secret of the key web$`, "m"));
    expect(stdout).toContain("1 token in 1 file and 2 commits, 1 live.");
    expect(stdout).not.toContain(web);
  });

  test("reads the messages of commits and of annotated tags, with the commit they stand at", async () => {
    const { at, web } = await applied();
    const [inTag, inInner] = [fresh(), fresh()];
    const repo = { ...at, folder: join(at.folder, "repo") };
    git(at, "init", "-q", "repo");
    const first = commitAll(repo, `Say it\n\nThe key is ${web}.`);
    git(repo, "tag", "-a", "inner", "-m", `x ${inInner}`);
    git(repo, "tag", "-a", "v1", "inner", "-m", `Release\n\n${inTag}`);
    git(repo, "tag", "-d", "inner");
    const second = commitAll(repo, "Nothing\n\n+++ b/a\n@@ -0,0 +1,9 @@\n+x");
    git(repo, "tag", "light");
    at.write("repo/a", fresh());
    const third = commitAll(repo, "A file");
    const { stdout } = await at.runTo(5, "scan repo --history --json");
    expect(stdout).not.toContain(web);
    const { findings, commits } = JSON.parse(stdout) as { findings: Record<string, unknown>[]; commits: number };
    const told = findings.map(({ commit, file, line, column, state, key }) => [
      typeof commit === "string" ? commit.slice(0, 12) : commit,
      ...[file, line, column, state, key],
    ]);
    expect(told).toEqual([
      [null, "repo/a", 1, 1, "unknown", null],
      [first, "(message)", 3, 12, "live", "web"],
      [third, "a", 1, 1, "unknown", null],
      [first, "(tag v1)", 3, 1, "unknown", null],
      [first, "(tag inner)", 1, 3, "unknown", null],
    ]);
    expect(commits).toBe(3);
    expect(second).not.toBe(first);
  });

  test("takes no line of a file in a history for a header, whatever it begins with", async () => {
    const at = makeCheckout();
    const tokens = [fresh(), fresh(), fresh()];
    at.write("a", `++ ${tokens[0] ?? ""}\n`);
    const first = commitAll(at, "first");
    at.write("a", `++ b/other\n@ -0,0 +7 @@\n${tokens[1] ?? ""}`);
    const second = commitAll(at, "second");
    at.write("a", `-- a\n++ ${tokens[2] ?? ""}\nend`);
    const third = commitAll(at, "third");
    expect(await historyPlaces(at)).toEqual([`${first}:a:1:4`, `${second}:a:3:1`, `${third}:a:2:4`]);
  });

  test("lets no configuration and no attributes hide what a history holds", async () => {
    const at = makeCheckout();
    at.write(".gitattributes", "*.txt diff=none\n*.off -diff\n");
    at.write("a.txt", `${fresh()}\n`);
    at.write("b.off", `one\n${fresh()}\n`);
    at.write("sub/c", fresh());
    const first = commitAll(at, "first");
    git(at, "switch", "-qc", "side");
    at.write("d", "x\n");
    commitAll(at, "side");
    git(at, "switch", "-q", "main");
    at.write("e", "x\n");
    commitAll(at, "main");
    git(at, "merge", "-q", "--no-commit", "side");
    at.write("merged", fresh());
    const merge = commitAll(at, "merge");
    const settings = {
      "diff.none.textconv": "true",
      "diff.none.command": "true",
      "diff.external": "true",
      "diff.noprefix": "true",
      "diff.mnemonicPrefix": "true",
      "diff.relative": "true",
      "diff.orderFile": "nowhere",
      "diff.renames": "copies",
      "diff.context": "5",
      "color.ui": "always",
      "color.diff": "always",
      "log.showRoot": "false",
      "log.diffMerges": "combined",
      "log.showSignature": "true",
    };
    for (const [name, value] of Object.entries(settings)) git(at, "config", name, value);
    git(at, "replace", merge, first);
    const { stdout } = await at.runTo(5, "scan sub --offline --history", { env: { GIT_DIFF_OPTS: "--unified=3" } });
    expect(placesIn(stdout)).toEqual([
      "sub/c:1:1",
      `${first}:a.txt:1:1`,
      `${first}:b.off:2:1`,
      `${first}:sub/c:1:1`,
      `${merge}:merged:1:1`,
    ]);
    expect(stdout).toContain("and 4 commits");
  });

  test.each(UTF16)("finds a token in UTF-16%s text, mark %s", async (order, mark) => {
    const at = makeCheckout();
    const token = fresh();
    const first = utf16(`${token} \u4e0a\r\n`, order, mark);
    const second = utf16(`\u4e0a \u0a05 ${token}`, order, false);
    writeFileSync(join(at.folder, "a.txt"), Buffer.concat([first, second]));
    const { stdout } = await at.runTo(5, "scan a.txt --offline");
    expect(placesIn(stdout)).toEqual(["a.txt:1:1", "a.txt:2:5"]);
    expect(stdout).not.toContain(token);
    // Standard input is text in these tests, so it comes from a file by way of the shell.
    const command = `"${process.execPath}" "${CLI}" scan - --offline < a.txt`;
    const piped = spawnSync("sh", ["-c", command], { cwd: at.folder, env: cleanEnv(), encoding: "utf8" });
    expect([piped.status, placesIn(piped.stdout)]).toEqual([5, ["-:1:1", "-:2:5"]]);
    const commit = commitAll(at, "first");
    writeFileSync(join(at.folder, "b.txt"), Buffer.concat([utf16("ab\r\n", order, mark), utf16(token, order, false)]));
    const next = commitAll(at, "second");
    expect(await historyPlaces(at)).toEqual([`${commit}:a.txt:1:1`, `${next}:b.txt:2:1`]);
  });

  test("reads what is named even if it is a link or a pipe, and no link that a folder holds", async () => {
    const at = makeWorkspace({ "real/a.txt": fresh(), "b.txt": fresh() });
    symlinkSync("b.txt", join(at.folder, "link.txt"));
    symlinkSync("real", join(at.folder, "folder"));
    symlinkSync("../b.txt", join(at.folder, "real/inner"));
    symlinkSync("..", join(at.folder, "real/up"));
    symlinkSync("nowhere", join(at.folder, "broken"));
    const { stdout } = await at.runTo(5, "scan link.txt folder --offline");
    expect(placesIn(stdout)).toEqual(["link.txt:1:1", "folder/a.txt:1:1"]);
    expect(stdout).toContain("2 tokens in 2 files");
    execFileSync("mkfifo", [join(at.folder, "pipe")]);
    const command = `cat b.txt > pipe & exec "${process.execPath}" "${CLI}" scan pipe --offline`;
    const piped = spawnSync("sh", ["-c", command], { cwd: at.folder, env: cleanEnv(), encoding: "utf8" });
    expect([piped.status, placesIn(piped.stdout)]).toEqual([5, ["pipe:1:1"]]);
    const { stderr } = await at.runTo(3, "scan broken --offline");
    expect(stderr).toContain("the link broken leads nowhere");
  });

  test.each([
    ["scan nowhere --offline", 3, "there is no file or folder nowhere"],
    ["scan . --history --offline", 3, "has no history that git can read"],
  ])("%s says what is wrong", async (command, exitCode, told) => {
    const at = makeWorkspace({ "a.txt": "a\n" });
    const { stderr } = await at.runTo(exitCode, command, { env: { GIT_CEILING_DIRECTORIES: join(at.folder, "..") } });
    expect(stderr).toContain(told);
    expect(stderr).toContain("fix: ");
  });

  test("of 100 MB takes bounded time and memory", async () => {
    const at = makeWorkspace();
    const block = Buffer.from("sim0123456789abcdefABCDEFghij".repeat(3_500));
    mkdirSync(join(at.folder, "big"));
    writeFileSync(
      join(at.folder, "big/file"),
      Buffer.concat([...Array<Buffer>(1_000).fill(block), Buffer.from(fresh())]),
    );
    const hook = "process.on('exit', () => process.stderr.write('PEAK ' + process.resourceUsage().maxRSS + '\\n'))";
    at.write("peak.cjs", hook);
    const { stdout, stderr } = await at.runTo(5, "scan big --offline", {
      node: ["--require", join(at.folder, "peak.cjs")],
    });
    expect(stdout).toContain("1 token in 1 file");
    expect(Number(/PEAK (\d+)/.exec(stderr)?.[1])).toBeLessThan(200_000);
  });
});

test.each([["bytes", false], ...UTF16] as const)("in %s, mark %s, no token is lost or told of twice", (order, mark) => {
  const tokens = Array.from({ length: 20 }, () => fresh());
  const text = `\n${tokens.map((token, index) => `${"x\n".repeat(index)}${token}`).join("")}\nsim`;
  if (order === "bytes") expect(findTokens(text).map(({ token }) => token)).toEqual(tokens);
  const bytes = order === "bytes" ? Buffer.from(text) : utf16(text, order, mark);
  // Wherever pieces begin and end.
  for (const size of [1, 2, 7, 27, 28, 29, 54, 55, 56, 64, 1_000, 10_000]) {
    const found: ScannedToken[] = [];
    const scanner = tokenScanner("f", (one) => found.push(one));
    for (let from = 0; from < bytes.length; from += size) scanner.push(bytes.subarray(from, from + size));
    expect(found.map(({ secret }) => secret.reveal())).toEqual(tokens);
    const lines = found.map(
      ({ secret, line, column }) => text.split("\n")[line - 1]?.indexOf(secret.reveal()) === column - 1,
    );
    expect(lines.every(Boolean)).toBe(true);
  }
});

describe("the pre-commit example", () => {
  const OURS = `"${process.execPath}" "${CLI}"`;

  /** A checkout with the hook. */
  function withHook(): Workspace {
    const at = makeCheckout();
    copyFileSync(HOOK, join(at.folder, ".git/hooks/pre-commit"));
    chmodSync(join(at.folder, ".git/hooks/pre-commit"), 0o755);
    return at;
  }

  interface Commit {
    readonly status: number | null;
    readonly said: string;
  }

  /** Commits what is there, past the hook. */
  function commit(at: Workspace, algokeys: string | undefined = OURS): Commit {
    git(at, "add", "--all");
    const identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    const env = cleanEnv({ ALGOKEYS: algokeys });
    const options = { cwd: at.folder, env, encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync("git", [...identity, "commit", "-qm", "x"], options);
    return { status, said: stdout + stderr };
  }

  test("stops a commit that adds a secret, and no other", () => {
    const at = withHook();
    at.write("a.txt", `hash ${createHash("sha256").update("x").digest("hex")}\n`);
    expect(commit(at).status).toBe(0);
    const token = fresh();
    at.write("a.txt", `${token}\n`);
    const stopped = commit(at);
    expect(stopped.status).toBe(1);
    expect(stopped.said).toContain("The staged changes hold a secret");
    expect(stopped.said).not.toContain(token);
  });

  test("lets a commit pass that takes a secret out, and none that moves it", () => {
    const at = withHook();
    const token = fresh();
    at.write("a.txt", `one\n${token}\n`);
    at.write("b.txt", `${token}\n`);
    commitAll(at, "before the hook", "--no-verify");
    at.write("a.txt", "one\n");
    expect(commit(at)).toEqual({ status: 0, said: "No token in 1 file.\n" });
    rmSync(join(at.folder, "b.txt"));
    at.write("c.txt", `${token}\n`);
    expect(commit(at).said).toContain("The staged changes hold a secret");
    rmSync(join(at.folder, "c.txt"));
    expect(commit(at).status).toBe(0);
  });

  test.each([
    ["with a driver that shows something else", "a.txt", "++ ", "\n"],
    ["that attributes call binary", "a.off", "", "\n"],
    ["that is no text", "a.bin", "\0\u0001\n\0", "\0"],
  ])("reads a file %s as it is", (_, file, before, after) => {
    const at = withHook();
    at.write(".gitattributes", "*.txt diff=none\n*.off -diff\n");
    git(at, "config", "diff.none.textconv", "true");
    git(at, "config", "diff.none.binary", "true");
    git(at, "config", "color.ui", "always");
    expect(commit(at).status).toBe(0);
    at.write(file, `${before}${fresh()}${after}`);
    expect(commit(at)).toEqual({ status: 1, said: expect.stringContaining("hold a secret") as string });
  });

  test("says so where the command cannot be started, or cannot scan", () => {
    const at = withHook();
    at.write("a.txt", "nothing\n");
    for (const [algokeys, due, told] of [
      ["/nowhere/algokeys", 127, "algokeys cannot be started"],
      ["exit 3;", 3, "algokeys scan ended with 3"],
    ] as const) {
      const stopped = commit(at, algokeys);
      expect(stopped.status).toBe(1);
      expect(stopped.said).toContain("The staged changes were not scanned");
      expect(stopped.said).toContain(told);
      expect(stopped.said).not.toContain("hold a secret");
      const run = spawnSync(HOOK, { cwd: at.folder, env: cleanEnv({ ALGOKEYS: algokeys }) });
      expect(run.status).toBe(due);
    }
    git(at, "config", "diff.orderFile", "nowhere");
    expect(commit(at)).toEqual({ status: 1, said: expect.stringContaining("not scanned: git diff failed") as string });
  });
});

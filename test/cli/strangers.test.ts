import { spawnSync } from "node:child_process";
import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CLI, cleanEnv } from "../support/run-cli.ts";
import { declaring, makeWorkspace, PLAIN_KEY } from "./workspace.ts";

/** Found by trying the product as a stranger would. */
describe("what strangers ran into", () => {
  test("a delivery into the platform's own files is refused, and the platform lives on", async () => {
    const to = (file: string): Record<string, string> => ({
      "keys.yaml": `version: 1\naccount: acme\nproject: p\nkeys:\n  a:\n    algorithms: []\n    deliver: [{ to: dotenv, file: ${file}, name: Y }]\n`,
    });
    for (const file of [".algokeys/platform.db", ".algokeys/platform.db.pepper", ".algokeys/platform.db-wal"]) {
      const at = makeWorkspace(to(file));
      expect((await at.runTo(3, "plan")).stderr).toContain("the platform's own file");
      expect((await at.runTo(3, "apply -y")).stderr).toContain("Nothing was written");
    }
  });

  test("a saved plan replaces a plan and nothing else, and only its owner can read it", async () => {
    const at = makeWorkspace({ "keys.yaml": declaring({ a: PLAIN_KEY }) });
    const before = at.read("keys.yaml");
    expect((await at.runTo(3, "plan --out keys.yaml")).stderr).toContain("it is left as it is");
    expect(at.read("keys.yaml")).toBe(before);
    await at.runTo(0, "plan --out p.json");
    await at.runTo(0, "plan --out p.json");
    expect(statSync(join(at.folder, "p.json")).mode & 0o777).toBe(0o600);
  });

  test("a module that throws late or ends the process is no success", async () => {
    const at = makeWorkspace({
      "late.mjs": `export default { version: 1, account: "a", project: "p", get keys() { throw new Error("boo"); } };`,
      "ends.mjs": `process.exit(0);`,
    });
    expect((await at.runTo(3, "validate late.mjs")).stderr).toContain("boo");
    expect((await at.runTo(1, "validate ends.mjs")).stderr).toContain("ended before it was done");
  });

  test("a TypeScript declaration imports from algokeys wherever it lies", async () => {
    const source = `import { defineManifest } from "algokeys";
export default defineManifest({ version: 1, account: "acme", project: "p", keys: { a: { algorithms: ["algo://*"] } } });`;
    const at = makeWorkspace({ "keys.ts": source });
    expect((await at.runTo(0, "validate keys.ts")).stdout).toContain("Valid: 1 key");
  });

  test("a broken declaration does not keep anyone from looking at keys: the fix names --account", async () => {
    const at = makeWorkspace({ "keys.yaml": declaring({ a: PLAIN_KEY }) });
    await at.runTo(0, "apply -y");
    at.write("keys.yaml", "version: 2\n");
    expect((await at.runTo(3, "keys list")).stderr).toContain("--account NAME");
    expect((await at.runTo(0, "keys list --account acme")).stdout).toContain("a ");
  });

  test("an invalid declaration is JSON for those who asked for JSON", async () => {
    const at = makeWorkspace({ "keys.yaml": "version: 2\n" });
    const { stdout } = await at.runTo(3, "plan --json");
    expect(JSON.parse(stdout)).toMatchObject({ failure: { exitCode: 3 } });
    expect((await at.runTo(3, "plan --json --format markdown")).stderr).toContain("cannot be used with");
  });

  test("a file that cannot be written is told in words, with a way on, and stays as it is", async () => {
    const at = makeWorkspace({ "keys.yaml": declaring({ a: PLAIN_KEY }) });
    await at.runTo(0, "apply -y");
    for (const [args, said] of [
      ["export --out keys.yaml", "It is there already"],
      ["export --out no/such.yaml", "Its folder is not there"],
      ["plan --out no/such.json", "Its folder is not there"],
      ["plan --out .", "That is a folder"],
      ["init keys.yaml", "It is there already"],
      ["init keys.yaml/below.yaml", "What would be its folder is a file"],
    ] as const) {
      const { stderr } = await at.runTo(1, args);
      expect(stderr).toContain(said);
      expect(stderr).toContain("  fix: ");
      expect(stderr).not.toMatch(/E[A-Z]{4,}|internal error/);
    }
    for (const args of ["export --out", "plan --out", "init"])
      expect((await at.runTo(3, `${args} ""`)).stderr).toContain("names no file");
    expect(at.read("keys.yaml")).toBe(declaring({ a: PLAIN_KEY }));
  });

  test("init says what to run next, in columns, for a file in a folder that it makes", async () => {
    const at = makeWorkspace();
    const { stdout } = await at.runTo(0, 'init "team a/keys.yaml"');
    const [validate, plan, apply] = stdout.split("Next:\n")[1]?.split("\n") ?? [];
    expect(validate).toBe("  algokeys validate 'team a/keys.yaml'   check it");
    expect(plan).toBe("  algokeys plan 'team a/keys.yaml'       see what would change");
    expect(apply).toBe("  algokeys apply -f 'team a/keys.yaml'   carry it out");
    await at.runTo(0, 'validate "team a/keys.yaml"');
  });

  test("of two applies at one moment one is told that someone else was faster, and what to do", async () => {
    const at = makeWorkspace({ "keys.yaml": declaring({ a: PLAIN_KEY }) });
    await at.runTo(0, "apply -y");
    at.write("keys.yaml", declaring({ a: "{ algorithms: [] }", b: PLAIN_KEY }));
    const runs = await Promise.all([at.run("apply -y"), at.run("apply -y"), at.run("apply -y")]);
    const codes = runs.map(({ exitCode }) => exitCode);
    expect(codes).toContain(0);
    for (const { exitCode, stdout, stderr } of runs) {
      if (exitCode === 0) continue; // it was the faster one, or it began when that had ended
      expect(exitCode).toBe(1);
      const said = (stdout + stderr).replace(/\s+/g, " ");
      expect(said).toContain("another run writes for shop of acme");
      expect(said).toContain("Nothing was written.");
      expect(said).toContain("fix: Wait for it with --lock-timeout 5m");
    }
    await at.runTo(0, "plan --expect-no-changes");
  });

  test("a database that was emptied is no fresh start", async () => {
    const at = makeWorkspace({ "keys.yaml": declaring({ a: PLAIN_KEY }) });
    await at.runTo(0, "apply -y --platform file:p.db");
    rmSync(join(at.folder, "p.db-wal"), { force: true });
    writeFileSync(join(at.folder, "p.db"), "");
    for (const args of ["plan", "apply -y", "keys list --account acme"]) {
      const { stderr } = await at.runTo(1, `${args} --platform file:p.db`);
      expect(stderr).toContain("Put it back from a backup");
    }
    for (const file of ["p.db", "p.db.pepper"]) rmSync(join(at.folder, file));
    await at.runTo(0, "apply -y --platform file:p.db");
  });

  test("a key that has expired is warned of", async () => {
    const at = makeWorkspace({
      "keys.yaml": declaring({
        a: "{ algorithms: [], expires: 2020-01-01 }",
        b: "{ algorithms: [], expires: 2099-01-01 }",
      }),
    });
    const { stderr } = await at.runTo(0, "plan");
    expect(stderr).toContain("warning: the key `a` has expired: it is refused everywhere [past-expiry]");
    expect(stderr).toContain("1 warning");
  });

  test("output that cannot be written is no success", async () => {
    const at = makeWorkspace({ "keys.yaml": declaring({ a: PLAIN_KEY }) });
    await at.runTo(0, "apply -y");

    const line = `"${process.execPath}" "${CLI}" keys list > /dev/full`;
    expect(spawnSync("bash", ["-c", line], { cwd: at.folder, env: cleanEnv() }).status).toBe(1);
  });
});

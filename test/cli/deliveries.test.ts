import { spawnSync } from "node:child_process";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execPath } from "node:process";
import { armor, Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { expect, test } from "vitest";
import { CLI, cleanEnv } from "../support/run-cli.ts";
import { makeWorkspace } from "./workspace.ts";

const TOKEN = /sim[0-9A-Za-z]{24}1/;
/** Without the line breaks of a narrow terminal. */
const flat = (text: string): string => text.replace(/\s+/g, " ");
const declare = (deliver: string): string =>
  `version: 1\naccount: acme\nproject: shop\nkeys:\n  web:\n    algorithms: [algo://a/b]\n    deliver:\n${deliver}`;

test("one secret goes to an age file and to a program, and the plan says what neither can promise", async () => {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const at = makeWorkspace({
    "keys.yaml": declare(
      `      - { to: age, file: web.age, recipients: [${recipient}] }\n` +
        `      - { to: command, command: [tee, kept], read: [cat, kept] }\n` +
        `      - { to: command, command: [sh, -c, "cat > twice"] }\n`,
    ),
  });
  const planned = flat((await at.runTo(0, "plan")).stdout);
  expect(planned).toContain("delivered to age web.age, which cannot be read back");
  expect(planned).toContain("delivered to command tee kept)");
  expect(planned).toContain('delivered to command sh -c "cat > twice", which counts as done when it exits with 0');
  const { stdout, stderr } = await at.runTo(0, "apply --auto-approve");
  expect(flat(stdout)).toMatch(/delivered to age web\.age, fingerprint .*, not read back\)/);
  expect(stdout + stderr).not.toMatch(TOKEN);
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  expect(await decrypter.decrypt(armor.decode(at.read("web.age")), "text")).toBe(at.read("kept"));
  expect(at.read("twice")).toBe(at.read("kept"));
  expect((await at.runTo(0, "plan")).stdout).toContain("No changes");
});

test("a program that fails leaves the secret unconfirmed: exit 9, and the next apply issues another", async () => {
  const at = makeWorkspace({
    "keys.yaml": declare(`      - { to: command, command: [sh, -c, 'echo "no: $(cat)" >&2; exit 4'] }\n`),
  });
  const { stdout, stderr } = await at.runTo(9, "apply --auto-approve");
  expect(flat(stdout + stderr)).toContain("sh exited with 4; it said: no: [secret]");
  expect(stdout + stderr).not.toMatch(TOKEN);
  at.write("keys.yaml", declare("      - { to: command, command: [tee, kept] }\n"));
  expect((await at.runTo(0, "plan")).stdout).toContain("will get a secret");
  await at.runTo(0, "apply --auto-approve");
  expect(at.read("kept")).toMatch(TOKEN);
});

test("a program that is not there gets no secret issued, however often; all else is applied, and it heals", async () => {
  const key = (program: string): string =>
    declare(`      - { to: command, command: [${program}, kept] }\n`) + "  other: { algorithms: [algo://a/b] }\n";
  const at = makeWorkspace({ "keys.yaml": key("nosuchprogram") });
  for (let count = 0; count < 6; count++) {
    const { stdout, stderr } = await at.runTo(9, "apply --auto-approve");
    expect(flat(stdout + stderr)).toContain(
      "key web (no secret was issued: command nosuchprogram kept cannot take one now: nosuchprogram cannot be started: there is no such program)",
    );
  }
  const { keys } = JSON.parse((await at.runTo(0, "keys list --json")).stdout) as { keys: { credentials: unknown[] }[] };
  expect(keys.map(({ credentials }) => credentials.length)).toEqual([0, 0, 0]);
  at.write("keys.yaml", key("tee"));
  await at.runTo(0, "apply --auto-approve");
  await at.runTo(0, "plan --expect-no-changes");
  expect(at.read("kept")).toMatch(TOKEN);
});

test("a key full of secrets that a program may hold blocks no other key, and says how to make room", async () => {
  const failing = declare("      - { to: command, command: [sh, -c, 'cat >/dev/null; exit 1'] }\n");
  const at = makeWorkspace({ "keys.yaml": failing });
  for (let count = 0; count < 5; count++) await at.runTo(9, "apply --auto-approve");
  at.write("keys.yaml", `${declare("      - { to: command, command: [tee, kept] }\n")}  other: { algorithms: [] }\n`);
  const { stdout, stderr } = await at.runTo(9, "apply --auto-approve");
  expect(flat(stdout + stderr)).toContain("algokeys revoke web --credential ID");
  expect((await at.runTo(0, "keys get other")).stdout).toContain("other");
  await at.runTo(0, "revoke web --all-but-newest --auto-approve");
  await at.runTo(0, "apply --auto-approve");
  await at.runTo(0, "plan --expect-no-changes");
  expect(at.read("kept")).toMatch(TOKEN);
});

test("in a GitHub Actions job the runner is told to hide the secret, which --json keeps out of the document", async () => {
  const at = makeWorkspace({ "keys.yaml": declare("      - { to: github-env, name: API_KEY }\n") });
  at.write("set_env", "");
  const env = { GITHUB_ACTIONS: "true", GITHUB_ENV: join(at.folder, "set_env") };
  const { stdout, stderr } = await at.runTo(0, "apply --auto-approve --json", { env });
  const [token = "none"] = TOKEN.exec(at.read("set_env")) ?? [];
  expect(stderr).toContain(`::add-mask::${token}\n`);
  expect(JSON.parse(stdout)).toMatchObject({ outcome: "applied" });
  expect(stdout).not.toContain(token);

  at.write("keys.yaml", declare("      - { to: github-env, name: API_KEY }\n").replace("web:", "other:"));
  const text = await at.runTo(0, "apply --auto-approve --max-deletes 100%", { env });
  expect(text.stdout.match(/^::add-mask::sim[0-9A-Za-z]{24}1$/gm)).toHaveLength(1);
  expect(text.stderr).not.toMatch(TOKEN);
});

test("outside of a job, or with standard output in a file, a GitHub delivery is refused and nothing is shown", async () => {
  const at = makeWorkspace({ "keys.yaml": declare("      - { to: github-env, name: API_KEY }\n") });
  at.write("set_env", "");
  const { stdout, stderr } = await at.runTo(9, "apply --auto-approve", {
    env: { GITHUB_ACTIONS: undefined, GITHUB_ENV: join(at.folder, "set_env") },
  });
  expect(flat(stdout + stderr)).toContain("only in a GitHub Actions job");
  writeFileSync(join(at.folder, "log"), "");
  const log = openSync(join(at.folder, "log"), "w");
  const run = spawnSync(execPath, [CLI, "apply", "--auto-approve"], {
    cwd: at.folder,
    env: cleanEnv({ GITHUB_ACTIONS: "true", GITHUB_ENV: join(at.folder, "set_env") }),
    stdio: ["ignore", log, "pipe"],
    encoding: "utf8",
  });
  closeSync(log);
  expect(run.status).toBe(9);
  expect(flat(at.read("log"))).toContain("standard output goes into a file");
  expect(at.read("log") + run.stderr + stdout + stderr + at.read("set_env")).not.toMatch(TOKEN);
});

import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { env as ownEnv, kill } from "node:process";
import { describe, expect, test } from "vitest";
import { commandSink } from "../../src/apply/command-sink.ts";
import type { CommandDelivery } from "../../src/core/delivery.ts";
import { Secret } from "../../src/core/secret.ts";
import { tokenFingerprint } from "../../src/core/token.ts";
import { tempFolders } from "../platform/open.ts";
import { sha256, sleep } from "./world.ts";

const tempFolder = tempFolders();
const TOKEN = "simQ7dK2mZp0XaLw9RtYvB4n1C31";

function setUp({ timeout = 20_000, env = {} }: { timeout?: number; env?: Record<string, string> } = {}) {
  const root = tempFolder();
  const bin = join(root, "bin");
  mkdirSync(bin);
  const path = `${bin}:${ownEnv["PATH"] ?? ""}`;
  const sink = commandSink({ root, sha256, env: { PATH: path, HOME: root, ...env }, kill, timeout });
  /** Makes a program of the shell. */
  const program = (name: string, script: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  const put = async (command: readonly string[], more: Partial<CommandDelivery> = {}, value = TOKEN) => {
    const delivery: CommandDelivery = { to: "command", command, env: [], ...more };
    return (await sink.deliver([{ delivery, secret: new Secret(value) }])).get(delivery) ?? null;
  };
  return { root, sink, program, put, read: (file: string) => readFileSync(join(root, file), "utf8") };
}

/** Records its arguments, the names of its variables and its standard input. */
const RECORD = `printf '%s\\n' "$@" > "$HOME/argv"
env | sed 's/=.*//' | grep -v '^_$\\|^PWD$\\|^SHLVL$\\|^OLDPWD$' | sort | tr '\\n' ' ' > "$HOME/env"
cat > "$HOME/stdin"`;

describe("a program", () => {
  test("gets the secret on standard input alone, its arguments as they are, and the variables that it may see", async () => {
    const { put, program, read } = setUp({ env: { GH_TOKEN: "t", AWS_SECRET_ACCESS_KEY: "no", NODE_OPTIONS: "no" } });
    program("gh", RECORD);
    const argv = ["gh", "secret set", "$HOME", "`id`", "; rm -rf x", "*", ""];
    expect(await put(argv, { env: ["GH_TOKEN", "UNSET"] })).toBeNull();
    expect(read("argv")).toBe(`${argv.slice(1).join("\n")}\n`);
    expect(read("env")).toBe("GH_TOKEN HOME PATH ");
    expect(read("stdin")).toBe(TOKEN);
  });

  test("runs in the folder of the run, and may be named by a path", async () => {
    const { put, program, read, root } = setUp();
    program("tool", 'cat > /dev/null; pwd > "$HOME/where"');
    expect(await put(["./bin/tool"])).toBeNull();
    expect(read("where").trim()).toBe(root);
  });

  test("takes a secret of any text, byte for byte", async () => {
    const { put, program, read } = setUp();
    program("tool", RECORD);
    const value = "é☃ '\"$\\\n\n\ttail\n";
    expect(await put(["tool"], {}, value)).toBeNull();
    expect(read("stdin")).toBe(value);
  });

  test.each<[string, string, RegExp]>([
    [
      "fails",
      "cat > /dev/null; echo 'no such repository' >&2; exit 3",
      /^tool exited with 3; it said: no such repository$/,
    ],
    ["prints nothing", "cat > /dev/null; exit 1", /^tool exited with 1$/],
    ["is killed", "kill -TERM $$", /^tool was killed by SIGTERM$/],
    ["repeats the secret", 'echo "bad value: $(cat)"; exit 1', /^tool exited with 1; it said: bad value: \[secret\]$/],
    ["repeats it as Base64", 'echo "sent $(base64)"; exit 1', /^tool exited with 1; it said: sent \[secret\]$/],
    [
      "repeats a part of it",
      'echo "key $(cut -c1-20)"; exit 1',
      /it said: \(hidden, because it may hold the secret\)$/,
    ],
    ["breaks it over lines", "fold -w 5; exit 1", /it said: \(hidden, because it may hold the secret\)$/],
    [
      "writes escapes",
      "cat >/dev/null; printf '\\033[31mred\\033[0m\\n::error::x\\n\\033]8;;http://x\\007'; exit 1",
      /it said: red \| ::error::x \| \\u\{1b\}\]8;;http:\/\/x\\u\{7\}$/,
    ],
    ["begins with a CI command", "cat >/dev/null; echo '::set-output name=a::b'; exit 1", /it said: \\::set-output/],
    ["says very much", "cat >/dev/null; seq 1 100000; exit 1", /it said: \.\.\.[0-9 |]{300}$/],
  ])("that %s is told in one safe line", async (_, script, message) => {
    const { put, program } = setUp();
    program("tool", script);
    const failure = await put(["tool"]);
    expect(failure).toMatch(message);
    expect(failure).not.toContain(TOKEN);
    expect(failure).not.toMatch(/[\u0000-\u001f]/);
  });

  test.each([
    ["Base64 after a name, as for basic authentication", "(printf 'Basic ops:'; cat) | base64 -w 0"],
    ["Base64 after two characters", "(printf 'xy'; cat) | base64 -w 0"],
    ["bytes in hexadecimal", "od -An -v -tx1"],
    ["bytes in hexadecimal with colons", "od -An -v -tx1 | tr ' ' ':'"],
    ["bytes in hexadecimal as C escapes", "od -An -v -tx1 | sed 's/ /\\\\x/g'"],
    ["words in hexadecimal", "od -An -v -tx2"],
    ["the text backwards", "rev"],
    ["letters with dashes between", "sed 's/..../&-/g'"],
    ["capital letters", "tr a-z A-Z"],
    ["JSON escapes", "od -An -v -tx1 | sed 's/ /\\\\u00/g'"],
    ["decimal numbers of bytes", "od -An -v -tu1"],
    ["octal numbers of bytes", "od -An -v -to1"],
    ["character references", "od -An -v -tu1 | sed 's/ *\\([0-9]\\+\\)/\\&#\\1;/g'"],
    ["a character a line", "sed 's/./&\\n/g'"],
  ])("whose program repeats the secret as %s shows nothing of it", async (_, script) => {
    const { put, program } = setUp();
    program("tool", `${script}; exit 1`);
    expect(await put(["tool"])).toBe("tool exited with 1; it said: (hidden, because it may hold the secret)");
  });

  test.each([
    ["Base32", "base32 -w 0"],
    ["Base64 of Base64", "base64 -w 0 | base64 -w 0"],
    ["compressed Base64", "gzip -c | base64 -w 0"],
    ["ROT13", "tr A-Za-z N-ZA-Mn-za-m"],
  ])("whose program repeats the secret as %s shows no word that may be in code", async (_, script) => {
    const { put, program } = setUp();
    program("tool", `printf 'bad value '; ${script}; exit 1`);
    expect(await put(["tool"])).toMatch(/^tool exited with 1; it said: bad value [^A-Za-z0-9]*$/);
  });

  test("that a too short secret would give away says nothing", async () => {
    const { put, program } = setUp();
    program("tool", "cat >/dev/null; echo exit 8 of box; exit 1");
    expect(await put(["tool"], {}, "x")).toBe("tool exited with 1; it said: (hidden, because it may hold the secret)");
  });

  test("that is not there, or cannot be run, is told", async () => {
    const { put, root } = setUp();
    writeFileSync(join(root, "bin/text"), "x");
    expect(await put(["nowhere-to-be-found"])).toBe("nowhere-to-be-found cannot be started: there is no such program");
    expect(await put(["./bin/text"])).toBe("./bin/text cannot be started: it is not executable");
    expect(await put(["a\0b"])).toContain("cannot be started");
  });

  test("that ends well without having read the secret has not delivered it", async () => {
    const { put, program } = setUp();
    program("tool", "exec 0<&-; sleep 0.3; exit 0");
    // More than a pipe holds, so that it shows whether all was read.
    const failure = await put(["tool"], {}, "s".repeat(1 << 20));
    expect(failure).toBe("tool exited with 0 but did not read the secret from its standard input");
  });

  test("that takes too long is killed with all that it started", async () => {
    const { put, program, root } = setUp({ timeout: 700 });
    program("tool", 'cat > /dev/null\n(sleep 30 & echo $! > "$HOME/grandchild"; wait) &\necho $$ > "$HOME/self"\nwait');
    const started = Date.now();
    expect(await put(["tool"])).toBe("tool did not end within 0.7 s and was killed");
    expect(Date.now() - started).toBeLessThan(10_000);
    await sleep(200);
    for (const file of ["self", "grandchild"]) {
      const pid = readFileSync(join(root, file), "utf8").trim();
      // A killed process that nobody has waited for yet is a zombie.
      const state = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, "utf8").split(" ")[2] : "gone";
      expect(["gone", "Z", "X"]).toContain(state);
    }
  });

  test("that leaves something running is not waited for", async () => {
    const { put, program, read } = setUp();
    program("tool", 'cat > /dev/null; sleep 5 & echo $! > "$HOME/pid"; exit 0');
    const started = Date.now();
    expect(await put(["tool"])).toBeNull();
    expect(Date.now() - started).toBeLessThan(4_000);
    kill(Number(read("pid")), "SIGKILL");
  });
});

describe("reading back", () => {
  test("compares what the program prints, with or without a line end", async () => {
    const { sink, program } = setUp();
    program("store", 'case $1 in get) cat "$HOME/kept"; [ "$2" = bare ] || echo;; put) cat > "$HOME/kept";; esac');
    const delivery = { to: "command", command: ["store", "put"], env: [], read: ["store", "get"] } as const;
    expect((await sink.deliver([{ delivery, secret: new Secret(TOKEN) }])).size).toBe(0);
    expect(await sink.readBack(delivery)).toBe(tokenFingerprint(sha256(TOKEN)));
    expect(await sink.readBack({ ...delivery, read: ["store", "get", "bare"] })).toBe(tokenFingerprint(sha256(TOKEN)));
    expect(await sink.readBack({ ...delivery, read: ["false"] })).toBeUndefined();
    expect(await sink.readBack({ ...delivery, read: ["nowhere-to-be-found"] })).toBeUndefined();
    expect(await sink.readBack({ to: "command", command: ["store", "put"], env: [] })).toBeUndefined();
  });
});

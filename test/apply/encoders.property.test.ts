import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { env, execPath } from "node:process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dotenvFormat } from "../../src/apply/dotenv-sink.ts";
import type { FileFormat } from "../../src/apply/file-sink.ts";
import { githubFormat } from "../../src/apply/github-file.ts";
import { loadJsonFormat } from "../../src/apply/json-sink.ts";
import { tempFolders } from "../platform/open.ts";

const tempFolder = tempFolders();
const long = env["ALGOKEYS_LONG"] === "1";
/** Values for each start of the programs that read them. */
const BATCH = 500;
const VALUES = long ? 100_000 : 3_000;
const TIMEOUT = long ? 3_600_000 : 300_000;

const NASTY = Array.from("'\"`$\\#!=;&|<>(){}[]*?~%^ \t\n\r:,.aZ09é☃😀\u0001\u001b\u007f\u0085\u2028\ufeff");
const value = fc.oneof(
  fc.stringMatching(/^sim[0-9A-Za-z]{24}1$/),
  fc.string({ unit: fc.constantFrom(...NASTY), minLength: 1, maxLength: 24 }),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 24 }),
  fc.string({ unit: "binary", minLength: 1, maxLength: 12 }).map((text) => text.replaceAll("\0", "")),
  fc.constantFrom("'", '"', "\\", "$HOME", "`id`", "$(id)", "a'b\"c", "end\\", "\\n", " x ", "#", "x #y", "EOF", "<<"),
);

/** What bash, dash and Node cannot all read alike, stated apart from the code. */
const dotenvCannot = (text: string): boolean =>
  /[\r\0]/.test(text) || (text.includes("'") && Array.from('"$`\\').some((character) => text.includes(character)));

/** The values that a program prints, each ended by a NUL. */
function printed(cwd: string, program: string, ...args: readonly string[]): readonly string[] {
  const run = spawnSync(program, args, { cwd, env: { PATH: env["PATH"] }, maxBuffer: 1 << 28 });
  expect(run.stderr.toString()).toBe("");
  expect(run.status).toBe(0);
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(run.stdout).split("\0").slice(0, -1);
}

/** Sets all of them, and gives the names and values of those that were taken. */
function fill(format: FileFormat, start: string, values: readonly string[], cannot: (text: string) => boolean) {
  let bytes: Buffer = Buffer.from(start);
  const names: string[] = [];
  const taken: string[] = [];
  for (const [index, one] of values.entries()) {
    const name = `K${String(index)}`;
    const edit = format.set(bytes, name, one);
    expect([one, edit.ok]).toEqual([one, !cannot(one)]);
    if (!edit.ok) continue;
    expect(format.get(edit.bytes, name)).toBe(one);
    bytes = edit.bytes;
    names.push(name);
    taken.push(one);
  }
  return { bytes, names, taken };
}

async function batches(check: (values: readonly string[]) => void): Promise<void> {
  const arrays = fc.array(value, { minLength: BATCH, maxLength: BATCH });
  await fc.assert(
    fc.asyncProperty(arrays, (values) => {
      check(values);
      return Promise.resolve();
    }),
    { numRuns: VALUES / BATCH, endOnFailure: true },
  );
}

/** What stands in a file before: assignments of the same names in every form, and what is not ours. */
const DOTENV_START = `# comment 'with a quote
OTHER="two
lines" # why
export K1=x
K3='single' # kept
K5="double"
  K7=bare # c
K9=
K11='it'"s"
LAST='K13=no
K15="no"'
`;

test(
  "dotenv: bash, dash and node --env-file read what was written, or it is refused",
  async () => {
    const folder = tempFolder();
    await batches((values) => {
      const { bytes, names, taken } = fill(dotenvFormat, DOTENV_START, values, dotenvCannot);
      writeFileSync(join(folder, "secrets.env"), bytes);
      const print = ["OTHER", "LAST", ...names].map((name) => `printf '%s\\000' "$${name}"\n`).join("");
      writeFileSync(join(folder, "print.sh"), `. ./secrets.env\n${print}`);
      const wanted = ["two\nlines", 'K13=no\nK15="no"', ...taken];
      expect(printed(folder, "bash", "print.sh")).toEqual(wanted);
      expect(printed(folder, "dash", "print.sh")).toEqual(wanted);
      const script = `for (const name of ${JSON.stringify(["OTHER", "LAST", ...names])}) process.stdout.write(process.env[name] + "\\0")`;
      expect(printed(folder, execPath, "--env-file=secrets.env", "-e", script)).toEqual(wanted);
    });
  },
  TIMEOUT,
);

test(
  "JSON: jq and JSON.parse read what was written",
  async () => {
    const folder = tempFolder();
    const json = await loadJsonFormat();
    await batches((values) => {
      const start = '{\n  "other": [1, {"K1": "no"}],\n  "K1": "x",\n  "K2": null,\n  "last": "\\u00e9"\n}\n';
      const { bytes, names, taken } = fill(json, start, values, () => false);
      writeFileSync(join(folder, "secrets.json"), bytes);
      const all: unknown = JSON.parse(bytes.toString());
      expect(all).toMatchObject({ other: [1, { K1: "no" }], last: "é" });
      expect(names.map((name) => (all as Record<string, unknown>)[name])).toEqual(taken);
      const filter = '$ARGS.positional[] as $name | .[$name] + "\\u0000"';
      expect(printed(folder, "jq", "-j", filter, "secrets.json", "--args", ...names)).toEqual(taken);
    });
  },
  TIMEOUT,
);

/** As `SetEnvFileCommand` of GitHub's runner reads its file, line by line. */
function readAsRunner(text: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  let index = 0;
  const readLine = (): string | null => {
    if (index >= text.length) return null;
    const end = text.indexOf("\n", index);
    const line = text.slice(index, end === -1 ? text.length : end);
    index = end === -1 ? text.length : end + 1;
    return line;
  };
  for (let line = readLine(); line !== null; line = readLine()) {
    if (line === "") continue;
    const [equals, heredoc] = [line.indexOf("="), line.indexOf("<<")];
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) variables.set(line.slice(0, equals), line.slice(equals + 1));
    else if (heredoc > 0) {
      const delimiter = line.slice(heredoc + 2);
      const start = index;
      let end = index;
      for (let inner = readLine(); inner !== delimiter; inner = readLine()) {
        if (inner === null) throw new Error(`no delimiter ${delimiter}`);
        end = index - 1;
      }
      variables.set(line.slice(0, heredoc), text.slice(start, Math.max(start, end)));
    } else throw new Error(`no format: ${line}`);
  }
  return variables;
}

test(
  "GitHub's files: the runner reads what was appended",
  async () => {
    let drawn = 0;
    const format = githubFormat(() => `algokeys_${String(drawn++)}`);
    await batches((values) => {
      const start = "PLAIN=a<<b\nBLOCK<<EOF\nK1=no\nK2<<EOF2\nEOF\nK3=first\nUNENDED=x";
      const { bytes, names, taken } = fill(format, start, values, () => false);
      expect(bytes.toString().startsWith(`${start}\n`)).toBe(true);
      const read = readAsRunner(bytes.toString());
      expect(names.map((name) => read.get(name))).toEqual(taken);
      expect([read.get("PLAIN"), read.get("BLOCK"), read.get("UNENDED")]).toEqual(["a<<b", "K1=no\nK2<<EOF2", "x"]);
    });
  },
  TIMEOUT,
);

describe("over any content", () => {
  const around = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc
      .array(
        fc.constantFrom("KEY", "=", "'", '"', "`", "\\", "\n", "\r\n", " ", "#", "export ", "x", "<<", "EOF", "{", "}"),
        {
          maxLength: 25,
        },
      )
      .map((parts) => Buffer.from(parts.join(""))),
  );

  test("a dotenv file changes in one place, by nothing but the value", () => {
    fc.assert(
      fc.property(around, value, (before, text) => {
        const edit = dotenvFormat.set(before, "KEY", text);
        fc.pre(edit.ok);
        const found = dotenvFormat.get(edit.bytes, "KEY");
        // A quote without an end may swallow it: the sink then writes nothing.
        if (found !== text) expect(before.toString("latin1")).toMatch(/['"`]/);
        fc.pre(found === text);
        const [left, right] = [before.toString("latin1"), edit.bytes.toString("latin1")];
        if (right.startsWith(left)) return; // appended
        let head = 0;
        while (head < left.length && left[head] === right[head]) head++;
        let tail = 0;
        while (tail < Math.min(left.length, right.length) - head && left.at(-1 - tail) === right.at(-1 - tail)) tail++;
        const put = Buffer.from(right.slice(head, right.length - tail), "latin1").toString("latin1");
        const whole = Buffer.from(text).toString("latin1");
        expect([whole, `'${whole}'`, `"${whole}"`].some((form) => form.includes(put))).toBe(true);
      }),
      { numRuns: long ? 100_000 : 5_000 },
    );
  });

  test("a GitHub file is appended to, and yields the value or is refused", () => {
    const format = githubFormat(() => "algokeys_0123456789abcdef");
    fc.assert(
      fc.property(around, value, (before, text) => {
        const edit = format.set(before, "KEY", text);
        fc.pre(edit.ok);
        expect(edit.bytes.subarray(0, before.length).equals(before)).toBe(true);
        const found = format.get(edit.bytes, "KEY");
        // A block that never ends swallows what follows: the sink then writes nothing.
        if (found !== text) expect(() => readAsRunner(edit.bytes.toString())).toThrow();
      }),
      { numRuns: long ? 100_000 : 5_000 },
    );
  });
});

test.each<[string, FileFormat | "json"]>([
  ["dotenv", dotenvFormat],
  ["json", "json"],
  ["github", githubFormat(() => "end")],
])("%s: text that UTF-8 cannot hold is refused", async (_, given) => {
  const format = given === "json" ? await loadJsonFormat() : given;
  expect(format.set(undefined, "KEY", "a\ud800b").ok).toBe(false);
});

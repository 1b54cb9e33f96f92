import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { deliverySinks } from "../../src/apply/delivery-sinks.ts";
import { replaceFile } from "../../src/apply/locked-file.ts";
import { Secret } from "../../src/core/secret.ts";
import { makeToken, tokenFingerprint } from "../../src/core/token.ts";
import { tempFolders } from "../platform/open.ts";
import { sha256, sleep } from "./world.ts";

const tempFolder = tempFolders();
const TOKEN = "simAAAAAAAAAAAAAAAAAAAAAAAA1";

function setUp(files: Record<string, string | Buffer> = {}) {
  const root = tempFolder();
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), content);
  }
  const sinks = deliverySinks({ root, sha256, sleep });
  const put = async (to: "dotenv" | "json", file: string, name: string, value = TOKEN) => {
    const delivery = { to, file, name };
    return (await sinks[to].deliver([{ delivery, secret: new Secret(value) }])).get(delivery) ?? null;
  };
  return { root, sinks, put, read: (file: string) => readFileSync(join(root, file), "latin1") };
}

describe("dotenv files", () => {
  test.each<[string, string, string]>([
    ["a new variable goes to the end", "A=1\n", `A=1\nKEY=${TOKEN}\n`],
    ["a last line without an end gets one", "A=1", `A=1\nKEY=${TOKEN}\n`],
    ["CRLF stays CRLF", "A=1\r\nKEY=x\r\nB=2\r\n", `A=1\r\nKEY=${TOKEN}\r\nB=2\r\n`],
    ["a new variable takes over CRLF", "A=1\r\n", `A=1\r\nKEY=${TOKEN}\r\n`],
    ["no final newline stays so", "KEY=x", `KEY=${TOKEN}`],
    ["comments stay", "# KEY=no\nKEY=x # why\n", `# KEY=no\nKEY=${TOKEN} # why\n`],
    ["an empty value", "KEY=\nB=2\n", `KEY=${TOKEN}\nB=2\n`],
    ["an empty value with a comment", "KEY= # todo\n", `KEY=${TOKEN} # todo\n`],
    ["export and indentation stay", "  export KEY = x\n", `  export KEY = ${TOKEN}\n`],
    ["double quotes stay", 'KEY="x y" # z\n', `KEY="${TOKEN}" # z\n`],
    ["single quotes stay", "KEY='x'\n", `KEY='${TOKEN}'\n`],
    ["the last of several assignments is the one that counts", "KEY=a\nB=1\nKEY=b\n", `KEY=a\nB=1\nKEY=${TOKEN}\n`],
    ["a longer name is another variable", "KEY2=a\nMY_KEY=b\n", `KEY2=a\nMY_KEY=b\nKEY=${TOKEN}\n`],
    [
      "a line inside a quoted value is no assignment",
      'A="one\nKEY=x\n"\nB=1\n',
      `A="one\nKEY=x\n"\nB=1\nKEY=${TOKEN}\n`,
    ],
    ["a value of several lines is replaced whole", 'KEY="one\ntwo"\nB=1\n', `KEY="${TOKEN}"\nB=1\n`],
    ["a lone quote does not swallow the file", "A=it's\nKEY=x\n", `A=it's\nKEY=${TOKEN}\n`],
    ["bytes that are no UTF-8 stay", "A=\xff\xfe\x80\xa0\nKEY=x\n", `A=\xff\xfe\x80\xa0\nKEY=${TOKEN}\n`],
    ["a byte order mark stays", "\xef\xbb\xbfKEY=x\n", `\xef\xbb\xbfKEY=${TOKEN}\n`],
    ["an empty file", "", `KEY=${TOKEN}\n`],
  ])("%s", async (_, before, after) => {
    const { put, read, sinks } = setUp({ ".env": Buffer.from(before, "latin1") });
    expect(await put("dotenv", ".env", "KEY")).toBeNull();
    expect(read(".env")).toBe(after);
    expect(await sinks.dotenv.readBack({ to: "dotenv", file: ".env", name: "KEY" })).toBe(
      tokenFingerprint(sha256(TOKEN)),
    );
  });

  test("a name that is none is refused and nothing is made", async () => {
    const { put, root } = setUp();
    expect(await put("dotenv", ".env", "not a name")).toContain("not a variable's name");
    expect(readdirSync(root)).toEqual([]);
  });
});

describe("JSON files", () => {
  test.each<[string, string, string, string]>([
    [
      "a property keeps the layout",
      "key",
      '{\n    "a": [1,2],\n    "key": "x"\n}\n',
      `{\n    "a": [1,2],\n    "key": "${TOKEN}"\n}\n`,
    ],
    ["a pointer", "/a/b~1c", '{"a":{"b/c":"x"}}', `{"a":{"b/c":"${TOKEN}"}}`],
    ["a list entry", "/a/1", '{"a":["x","y"]}', `{"a":["x","${TOKEN}"]}`],
    ["comments stay", "key", '{ // why\n  "key": null\n}', `{ // why\n  "key": "${TOKEN}"\n}`],
    ["a name with dots is one property", "a.b", '{"a":{"b":1}, "a.b": "x"}', `{"a":{"b":1}, "a.b": "${TOKEN}"}`],
    ["CRLF stays", "key", '{\r\n  "key": "x"\r\n}\r\n', `{\r\n  "key": "${TOKEN}"\r\n}\r\n`],
    [
      "an added property is laid out as the others",
      "key",
      '{\n\t"a": 1\n}\n',
      `{\n\t"a": 1,\n\t"key": "${TOKEN}"\n}\n`,
    ],
    [
      "what stands beside an added property stays byte for byte",
      "key",
      '{ "list": [1,2],\n"b":   {"x":1} }\n',
      `{ "list": [1,2],\n"b":   {"x":1},\n"key": "${TOKEN}" }\n`,
    ],
    [
      "an added inner property is indented as its neighbour",
      "/x/y",
      '{\n  "q": [1,2],\n  "x": {\n      "z":1\n  }\n}\n',
      `{\n  "q": [1,2],\n  "x": {\n      "z":1,\n      "y": "${TOKEN}"\n  }\n}\n`,
    ],
  ])("%s", async (_, name, before, after) => {
    const { put, read, sinks } = setUp({ "secrets.json": before });
    expect(await put("json", "secrets.json", name)).toBeNull();
    expect(read("secrets.json")).toBe(after);
    expect(await sinks.json.readBack({ to: "json", file: "secrets.json", name: name })).toBe(
      tokenFingerprint(sha256(TOKEN)),
    );
  });

  test("a missing file and missing objects are made", async () => {
    const { put, read } = setUp();
    expect(await put("json", "deep/er/s.json", "/a/b")).toBeNull();
    expect(JSON.parse(read("deep/er/s.json"))).toEqual({ a: { b: TOKEN } });
  });

  test.each<[string, string, string, string]>([
    ["invalid JSON", "key", '{"a": 1', "not valid JSON"],
    ["two values", "key", "{} {}", "not valid JSON"],
    ["a plain value on the way", "/a/b", '{"a": 1}', "holds a plain value at /a"],
    ["a list as the whole", "key", "[]", "holds a list at the whole file"],
    ["past the end of a list", "/a/5", '{"a":["x"]}', "holds a list at /a without an entry 5"],
    ["a list's length", "/a/length", '{"a":["x"]}', "without an entry length"],
    ["an object that a secret would replace", "a", '{"a":{"b":1}}', "which a secret must not replace"],
    ["a property that is there twice", "a", '{"a":"x","a":"y"}', "is it there twice"],
    ["a property that objects do not keep", "__proto__", "{}", "would not yield the secret"],
  ])("%s is a clear failure, the file untouched", async (_, name, before, message) => {
    const { put, read, root } = setUp({ "s.json": before });
    const failure = await put("json", "s.json", name);
    expect(failure).toContain("s.json");
    expect(failure).toContain(message);
    expect(read("s.json")).toBe(before);
    expect(readdirSync(root)).toEqual(["s.json"]);
  });

  test("text that is no UTF-8 is left alone", async () => {
    const { put, read } = setUp({ "s.json": Buffer.from('{"a":"\xff"}', "latin1") });
    expect(await put("json", "s.json", "key")).toContain("not UTF-8");
    expect(read("s.json")).toBe('{"a":"\xff"}');
  });

  test("one name that cannot be set does not stop the others of the file", async () => {
    const { sinks, read } = setUp({ "s.json": '{"a":1}' });
    const secrets = ["b", "/a/x", "c"].map((name) => {
      return { delivery: { to: "json", file: "s.json", name } as const, secret: new Secret(TOKEN) };
    });
    const failures = await sinks.json.deliver(secrets);
    expect([...failures.keys()]).toEqual([secrets[1]?.delivery]);
    expect(JSON.parse(read("s.json"))).toEqual({ a: 1, b: TOKEN, c: TOKEN });
  });
});

describe("files", () => {
  test("are for their owner only, folders too, and nothing is left beside them", async () => {
    const { put, root } = setUp({ ".env": "A=1\n" });
    chmodSync(join(root, ".env"), 0o644);
    await put("dotenv", ".env", "KEY");
    await put("dotenv", "a/b/.env", "KEY");
    expect(statSync(join(root, ".env")).mode & 0o777).toBe(0o600);
    expect(statSync(join(root, "a/b/.env")).mode & 0o777).toBe(0o600);
    expect(statSync(join(root, "a")).mode & 0o777).toBe(0o700);
    expect(statSync(join(root, "a/b")).mode & 0o777).toBe(0o700);
    expect(readdirSync(root).sort()).toEqual([".env", "a"]);
    expect(readdirSync(join(root, "a/b"))).toEqual([".env"]);
  });

  test.each(["../out.env", "a/../../out.env", "/tmp/out.env", "a//b", "./a", "C:/x", "a\\b", "", "a/", "a\0b"])(
    "%j is not a path below the folder",
    async (file) => {
      const { put, root } = setUp();
      expect(await put("dotenv", file, "KEY")).toContain("not a plain path");
      expect(readdirSync(root)).toEqual([]);
    },
  );

  test("are never written or read through a symbolic link", async () => {
    const outside = tempFolder();
    writeFileSync(join(outside, "target.env"), "KEY=theirs\n");
    const { put, root, sinks } = setUp();
    symlinkSync(join(outside, "target.env"), join(root, ".env"));
    symlinkSync(outside, join(root, "linked"));
    expect(await put("dotenv", ".env", "KEY")).toContain(".env is a symbolic link");
    expect(await put("dotenv", "linked/target.env", "KEY")).toContain("linked is a symbolic link");
    expect(await sinks.dotenv.readBack({ to: "dotenv", file: ".env", name: "KEY" })).toBeUndefined();
    expect(readFileSync(join(outside, "target.env"), "utf8")).toBe("KEY=theirs\n");
    expect(lstatSync(join(root, ".env")).isSymbolicLink()).toBe(true);
  });

  test("that are folders, or below a file, are refused", async () => {
    const { put } = setUp({ "a/b": "x" });
    expect(await put("dotenv", "a", "KEY")).toBe("a is not a regular file");
    expect(await put("dotenv", "a/b/c", "KEY")).toBe("a/b is not a folder");
  });

  test("that cannot be read back are null", async () => {
    const { sinks } = setUp({ ".env": "A=1\n" });
    expect(await sinks.dotenv.readBack({ to: "dotenv", file: ".env", name: "KEY" })).toBeNull();
    expect(await sinks.dotenv.readBack({ to: "dotenv", file: "none/.env", name: "KEY" })).toBeNull();
  });

  test("written by many runs at one moment lose nothing", async () => {
    const { root, read } = setUp({ ".env": "# first\n" });
    const names = Array.from({ length: 24 }, (_, index) => `KEY_${String(index)}`);
    const outcomes = await Promise.all(
      names.map(async (name) => {
        const sinks = deliverySinks({ root, sha256, sleep });
        return await sinks.dotenv.deliver([
          { delivery: { to: "dotenv", file: ".env", name }, secret: makeToken("caller", randomBytes) },
        ]);
      }),
    );
    expect(outcomes.every((failures) => failures.size === 0)).toBe(true);
    for (const name of names) expect(read(".env")).toMatch(new RegExp(`^${name}=sim`, "m"));
    expect(read(".env").startsWith("# first\n")).toBe(true);
    expect(readdirSync(root)).toEqual([".env"]);
  });

  test("changed meanwhile by a program without the lock are read again", async () => {
    const { root } = setUp({ "f.txt": "one" });
    const path = join(root, "f.txt");
    let edits = 0;
    const edit = (bytes: Buffer | undefined): Buffer => {
      edits++;
      if (edits === 1) writeFileSync(path, "two");
      return Buffer.from(`${bytes?.toString() ?? ""}+`);
    };
    await replaceFile(path, edit, sleep);
    expect(readFileSync(path, "utf8")).toBe("two+");
    expect(edits).toBe(2);
  });

  test("whose lock a dead run left behind are taken over", async () => {
    const { root } = setUp({ ".env": "A=1\n", "..env.algokeys-lock": "A=half" });
    let waited = 0;
    const sinks = deliverySinks({
      root,
      sha256,
      sleep: (ms) => {
        waited += ms;
        return Promise.resolve();
      },
    });
    const failures = await sinks.dotenv.deliver([
      { delivery: { to: "dotenv", file: ".env", name: "KEY" }, secret: new Secret(TOKEN) },
    ]);
    expect(failures.size).toBe(0);
    expect(waited).toBeGreaterThanOrEqual(5_000);
    expect(readFileSync(join(root, ".env"), "utf8")).toBe(`A=1\nKEY=${TOKEN}\n`);
    expect(existsSync(join(root, "..env.algokeys-lock"))).toBe(false);
  });

  test("whose lock was taken over by another run are written afresh, never half", async () => {
    const { root } = setUp({ "f.txt": "one" });
    const path = join(root, "f.txt");
    let edits = 0;
    const edit = (bytes: Buffer | undefined): Buffer => {
      edits++;
      // Another run took this one for dead: it removed the lock, wrote, and was done.
      if (edits === 1) {
        writeFileSync(path, "other");
        const lock = join(root, ".f.txt.algokeys-lock");
        writeFileSync(`${lock}.tmp`, "");
        renameSync(`${lock}.tmp`, lock);
      }
      return Buffer.from(`${bytes?.toString() ?? ""}+mine`);
    };
    let polls = 0;
    await replaceFile(path, edit, () => {
      polls++;
      return Promise.resolve();
    });
    expect(polls).toBeGreaterThan(0);
    expect(readFileSync(path, "utf8")).toBe("other+mine");
  });
});

import { cpSync, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { env } from "node:process";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { copyWorkspace, declaring, makeWorkspace, removeWorkspace, type Workspace } from "../cli/workspace.ts";
import { openPlatform } from "../platform/open.ts";

const LONG = env["ALGOKEYS_LONG"] === "1";
const HOOK = fileURLToPath(new URL("fail-point.cjs", import.meta.url));
/** As many commands at a time: the machine has few cores. */
const AT_A_TIME = 2;

const APP = "{ algorithms: [algo://a/b], deliver: [{ to: dotenv, file: .env, name: APP_KEY }] }";
const APP_CHANGED = APP.replace("algorithms:", "data: read, algorithms:");
const WEB =
  "{ algorithms: [algo://a/b], deliver: [{ to: json, file: conf/s.json, name: /web }, { to: dotenv, file: .env, name: WEB_KEY }] }";
const TOKEN = /sim[0-9A-Za-z]{24}1/g;
/** What a file of secrets may be at any moment: as it was, or whole with what came. */
const WHOLE_ENV = /^OTHER=1\n(?:APP_KEY=sim[0-9A-Za-z]{24}1\n(?:WEB_KEY=sim[0-9A-Za-z]{24}1\n)?)?$/;
const WHOLE_JSON = /^\{\s*"web": "sim[0-9A-Za-z]{24}1"\s*\}\s*$/;

/** What runs until it fails, and how it begins. */
interface Work {
  readonly name: string;
  readonly args: string;
  /** How many of its names there are at least; fewer would mean that the names are not told any more. */
  readonly least: number;
  readonly begin: () => Workspace;
}

let applied: Workspace;
let planned: Workspace;
let logs: Workspace;
beforeAll(async () => {
  logs = makeWorkspace({}, "keep");
  applied = makeWorkspace({ "keys.yaml": declaring({ app: APP }), ".env": "OTHER=1\n" }, "keep");
  await applied.runTo(0, "apply -y");
  applied.write("keys.yaml", declaring({ app: APP_CHANGED, web: WEB }));
  planned = makeWorkspace({}, "keep");
  cpSync(applied.folder, planned.folder, { recursive: true });
  await planned.runTo(0, "plan --out plan.json");
});
afterAll(() => {
  for (const workspace of [applied, planned, logs]) removeWorkspace(workspace);
});

const WORKS: readonly Work[] = [
  { name: "plan --out", args: "plan --out plan.json", least: 5, begin: () => copyWorkspace(applied) },
  { name: "apply of a saved plan", args: "apply plan.json", least: 40, begin: () => copyWorkspace(planned) },
  {
    name: "a first apply",
    args: "apply -y",
    least: 40,
    begin: () => makeWorkspace({ "keys.yaml": declaring({ app: APP }), ".env": "OTHER=1\n" }),
  },
];

/** Steps that only look: whatever fails there is what fails at the next one that does something. */
const ONLY_LOOKS = /^(?:lstat|stat|readFile|before BEGIN)/;

test.each(WORKS)(
  "$name, killed or failing at every named point: the next run ends as declared, files whole, nothing left over (field row 16)",
  async (work) => {
    const all = await pointsOf(work);
    expect(all.length).toBeGreaterThanOrEqual(work.least);
    const points = LONG ? all : all.filter((point) => !ONLY_LOOKS.test(point));
    const cases = points.flatMap((point, index) => {
      const modes = LONG ? (["kill", "error", "kill"] as const) : ([index % 2 === 0 ? "kill" : "error"] as const);
      return modes.map((mode) => ({ point, mode }));
    });
    const failures: string[] = [];
    const queue = cases.values();
    await Promise.all(
      Array.from({ length: AT_A_TIME }, async () => {
        for (const { point, mode } of queue) {
          try {
            await failAndRepeat(work, point, mode);
          } catch (error) {
            failures.push(`${mode} at ${point}: ${String(error)}`);
          }
        }
      }),
    );
    expect(failures).toEqual([]);
  },
  3_600_000,
);

async function pointsOf(work: Work): Promise<readonly string[]> {
  const at = work.begin();
  const log = join(logs.folder, basename(at.folder));
  await at.runTo(0, work.args, failing("", "list", log));
  return readFileSync(log, "utf8").trim().split("\n");
}

function failing(point: string, mode: string, log: string): { node: readonly string[]; env: Record<string, string> } {
  return { node: ["--require", HOOK], env: { FAIL_POINT: point, FAIL_MODE: mode, FAIL_LOG: log } };
}

async function failAndRepeat(work: Work, point: string, mode: "kill" | "error"): Promise<void> {
  const at = work.begin();
  const log = join(logs.folder, basename(at.folder));
  const before = { env: at.read(".env"), json: readIfThere(at, "conf/s.json") };
  const died = await at.run(work.args, failing(point, mode, log));
  expect(existsSync(log), "the point was reached").toBe(true);
  if (mode === "kill") expect(died.exitCode).toBeNull();
  else expect([0, 1, 8, 9], died.stderr).toContain(died.exitCode);
  endLease(at);
  // Right after it: each file as it was, or whole with what came.
  const left = { env: at.read(".env"), json: readIfThere(at, "conf/s.json") };
  if (left.env !== before.env) expect(left.env).toMatch(WHOLE_ENV);
  if (left.json !== before.json) expect(left.json).toMatch(WHOLE_JSON);
  // A plan file that was cut off is refused; a whole one is applied, or found to be applied or stale.
  if (existsSync(join(at.folder, "plan.json"))) {
    expect([0, 3, 6]).toContain((await at.run("apply plan.json")).exitCode);
  }
  await at.runTo(0, "apply -y");
  await at.runTo(0, "plan --expect-no-changes");
  await expectSettled(at);
}

/** A dead run's lease ends by itself within a minute; here that minute is over. */
function endLease(at: Workspace): void {
  const file = join(at.folder, ".algokeys/platform.db");
  if (!existsSync(file)) return;
  const database = new Database(file);
  try {
    const { count } = database.prepare("SELECT count(*) AS count FROM sqlite_schema WHERE name = 'leases'").get() as {
      count: number;
    };
    if (count === 1) database.exec("UPDATE leases SET lease_until = '2000-01-01T00:00:00.000Z'");
  } finally {
    database.close();
  }
}

/** Nothing but what belongs there, for its owner alone; every secret in a file works, and every one that works is there. */
async function expectSettled(at: Workspace): Promise<void> {
  const files = readdirSync(at.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(at.folder, join(entry.parentPath, entry.name)));
  const own = [
    ".algokeys/platform.db",
    ".algokeys/platform.db.pepper",
    ".env",
    "conf/s.json",
    "keys.yaml",
    "plan.json",
  ];
  expect(files.filter((file) => !own.includes(file))).toEqual([]);
  const ours = files.filter((file) => file !== "keys.yaml");
  expect(ours.filter((file) => (statSync(join(at.folder, file)).mode & 0o077) !== 0)).toEqual([]);
  expect(at.read(".env")).toMatch(WHOLE_ENV);
  const held = ours.flatMap((file) => (/\.env|s\.json/.test(file) ? (at.read(file).match(TOKEN) ?? []) : []));
  expect(held.length).toBeGreaterThan(0);
  const platform = await openPlatform(join(at.folder, ".algokeys/platform.db"), { create: false });
  try {
    const opened = new Set<string>();
    for (const token of held) {
      const request = { headers: [], target: { type: "algorithm" as const, call: "a/b" }, now: Date.now() };
      const { decision, credential } = await platform.verify({ type: "token", token: new Secret(token) }, request);
      expect(decision.effect).toBe("allow");
      opened.add(credential?.id ?? "");
    }
    const { keys } = await platform.api.listKeys("acme", { limit: 1000 });
    const working = keys.flatMap(({ credentials }) =>
      credentials.filter(({ revokedAt, retiresAt }) => revokedAt === null && retiresAt === null),
    );
    expect(working.filter(({ id, acknowledgedAt }) => acknowledgedAt === null || !opened.has(id))).toEqual([]);
  } finally {
    await platform.close();
  }
}

function readIfThere(at: Workspace, file: string): string | undefined {
  return existsSync(join(at.folder, file)) ? at.read(file) : undefined;
}

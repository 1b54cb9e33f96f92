import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { drawId } from "../contract/samples.ts";
import { openPlatform } from "../platform/open.ts";
import { cleanEnv, CLI, type CliRun } from "../support/run-cli.ts";
import { declaring, makeWorkspace, type Workspace } from "./workspace.ts";

const TO_ENV = "deliver: [{ to: dotenv, file: .env, name: API_KEY }]";
const READS = declaring({ app: `{ algorithms: [algo://a/b], data: read, ${TO_ENV} }` });
const WRITES = declaring({ app: `{ algorithms: [algo://a/b], data: readwrite, ${TO_ENV} }` });

/** A workspace whose account is made, and nothing else. */
async function start(): Promise<Workspace> {
  const here = makeWorkspace({ "keys.yaml": READS, "other.yaml": WRITES });
  await here.runTo(0, "account create acme --no-credential");
  return here;
}

/** Another run's lease on the project `shop`, held until the test gives it back. */
async function otherRun(here: Workspace): Promise<{ readonly release: () => Promise<unknown> }> {
  const platform = await openPlatform(join(here.folder, ".algokeys/platform.db"));
  onTestFinished(() => platform.close());
  const grip = { project: "shop", runner: drawId() };
  const holder = { host: "runner-7", process: "https://ci.example/run/42", command: "algokeys apply" };
  await platform.api.takeLease("acme", { ...grip, ...holder });
  return { release: () => platform.api.releaseLease("acme", grip) };
}

interface Running {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<CliRun>;
}

function begin(here: Workspace, args: readonly string[]): Running {
  const child = spawn(process.execPath, [CLI, ...args], { cwd: here.folder, env: cleanEnv() });
  child.stdin.end();
  onTestFinished(() => void child.kill("SIGKILL"));
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (part) => (stdout += String(part)));
  child.stderr.on("data", (part) => (stderr += String(part)));
  const ended = new Promise<CliRun>((resolve) => {
    child.on("close", (exitCode) => {
      resolve({ exitCode, stdout, stderr });
    });
  });
  return { child, said: () => stderr, ended };
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 400) expect.fail("it never came to that");
    await setTimeout(25);
  }
}

/** True while that process runs; one that has ended and that nobody has waited for counts as ended. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${String(pid)}/status`, "utf8"));
  } catch {
    return false;
  }
}

describe("a run beside another one", () => {
  test("says at once who holds the lease, since when and until when, and writes nothing", async () => {
    const here = await start();
    await otherRun(here);
    const { stderr } = await here.runTo(1, "apply -y");
    expect(stderr).toContain("another run writes for shop of acme");
    expect(stderr).toMatch(
      /algokeys apply by tester on runner-7 \(https:\/\/ci\.example\/run\/42\) since 20\S+Z, until 20\S+Z/,
    );
    expect(stderr).toContain("--lock-timeout 5m");
    const { stdout } = await here.runTo(1, "apply -y --json");
    expect(JSON.parse(stdout)).toMatchObject({
      failure: { exitCode: 1, summary: "another run writes for shop of acme" },
    });
    await here.runTo(1, "destroy --confirm shop");
    await here.runTo(0, "plan");
    expect(existsSync(join(here.folder, ".env"))).toBe(false);
  });

  test("waits as long as it is told, then plans what the other has left", async () => {
    const here = await start();
    const other = await otherRun(here);
    const run = begin(here, ["apply", "-y", "--lock-timeout", "20s"]);
    await until(() => run.said().includes("Waiting for another run: algokeys apply by tester on runner-7"));
    await other.release();
    const { exitCode, stdout } = await run.ended;
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining("Apply complete!")]);
    expect((await here.runTo(3, "apply --lock-timeout soon")).stderr).toContain("--lock-timeout soon is no duration");
  });

  test("of the same moment: both get their turn, and no update is lost", async () => {
    const here = await start();
    for (let round = 0; round < 3; round++) {
      const files = ["keys.yaml", "other.yaml"];
      const runs = files.map((file) => begin(here, ["apply", "-y", "-f", file, "--lock-timeout", "30s"]).ended);
      const ended = await Promise.all(runs);
      expect(ended.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(ended.map(({ stderr }) => [0, stderr]));
      const plans = await Promise.all(files.map((file) => here.run(`plan -f ${file} --detailed-exitcode`)));
      // What the later one wrote stands whole.
      expect(plans.map(({ exitCode }) => exitCode).sort()).toEqual([0, 2]);
    }
  });
});

describe("Ctrl-C", () => {
  test("while it waits for another run ends it with 8, and nothing is written", async () => {
    const here = await start();
    await otherRun(here);
    const run = begin(here, ["apply", "-y", "--lock-timeout", "5m"]);
    await until(() => run.said().includes("Waiting"));
    run.child.kill("SIGINT");
    const { exitCode, stderr } = await run.ended;
    expect([exitCode, stderr]).toEqual([8, expect.stringContaining("cancelled: nothing was written")]);
  });

  /** A run that is committed and cannot write its file, because another writer has the file's lock. */
  async function stuckInDelivery(): Promise<{ here: Workspace; run: Running; free: () => void }> {
    const here = await start();
    const lock = join(here.folder, "..env.algokeys-lock");
    writeFileSync(lock, "");
    const touching = setInterval(() => {
      if (existsSync(lock)) utimesSync(lock, new Date(), new Date());
    }, 200);
    onTestFinished(() => {
      clearInterval(touching);
    });
    const run = begin(here, ["apply", "-y"]);
    await until(() => run.said().includes("Committed"));
    return {
      here,
      run,
      free: () => {
        rmSync(lock);
      },
    };
  }

  test("once during the delivery finishes it and reports", async () => {
    const { here, run, free } = await stuckInDelivery();
    run.child.kill("SIGINT");
    await until(() => run.said().includes("Interrupt again to stop at once"));
    free();
    const { exitCode, stdout } = await run.ended;
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining("Apply complete!")]);
    expect(readFileSync(join(here.folder, ".env"), "utf8")).toMatch(/API_KEY="?sim/);
    await here.runTo(0, "plan --detailed-exitcode");
  });

  test("twice ends the program that a sink has started as well, and says what to do", async () => {
    const deliver = '{ to: command, command: [sh, -c, "echo $$ > pid; cat > slow; sleep 60; echo late > slow"] }';
    const here = makeWorkspace({ "keys.yaml": declaring({ web: `{ algorithms: [], deliver: [${deliver}] }` }) });
    const run = begin(here, ["apply", "-y", "--json"]);
    await until(() => existsSync(join(here.folder, "slow")));
    run.child.kill("SIGINT");
    await until(() => run.said().includes("Interrupt again"));
    run.child.kill("SIGINT");
    const { exitCode, stdout, stderr } = await run.ended;
    expect(exitCode).toBe(8);
    expect(JSON.parse(stdout)).toMatchObject({ failure: { exitCode: 8 } });
    expect(stderr).toContain("fix: Run the command again");
    const pid = Number(here.read("pid"));
    await until(() => !isAlive(pid));
    expect(here.read("slow")).toMatch(/^sim/);
  });

  test("twice stops it at once with 8; the next run waits for its lease and puts another secret in its place", async () => {
    const { here, run, free } = await stuckInDelivery();
    run.child.kill("SIGINT");
    await until(() => run.said().includes("Interrupt again"));
    run.child.kill("SIGINT");
    expect((await run.ended).exitCode).toBe(8);
    free();
    expect((await here.runTo(1, "apply -y")).stderr).toContain("another run writes for shop");
    const next = await begin(here, ["apply", "-y", "--lock-timeout", "90s"]).ended;
    expect([next.exitCode, next.stdout]).toEqual([0, expect.stringContaining("Apply complete!")]);
    await here.runTo(0, "plan --detailed-exitcode");
  }, 120_000);
});

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** A PostgreSQL server of a test's own, on a loopback port, with its files in a folder of its own. */
export interface PostgresServer {
  readonly port: number;
  /** The address of a fresh, empty database. */
  readonly createDatabase: () => string;
  /** Runs statements on a database, through psql; gives what they print, a row to a line. */
  readonly psql: (url: string, sql: string) => string;
  /** Ends the server: `immediate` as if the power had failed. */
  readonly stop: (how: "fast" | "immediate") => Promise<void>;
  /** Starts it again on the same port. */
  readonly start: () => Promise<void>;
  /** Ends it and removes its files. */
  readonly remove: () => Promise<void>;
}

const INSTALL =
  "These tests start a PostgreSQL server of their own, and none is installed. Install one of version 13 or later, " +
  "for example with: apt-get install postgresql";

/** Makes and starts a server. */
export async function startPostgres(): Promise<PostgresServer> {
  const user = serverUser();
  const folder = mkdtempSync(join(tmpdir(), "algokeys-postgres-"));
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, "data");
  const options = ["--username=tester", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
  execFileSync(program("initdb"), ["--pgdata", data, ...options], { ...user, cwd: folder, stdio: "ignore" });
  const port = await freePort();
  let server: ChildProcess | undefined;
  let databases = 0;

  async function start(): Promise<void> {
    const settings = { port, listen_addresses: "127.0.0.1", unix_socket_directories: "", max_connections: 200 };
    const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const stdio: ["ignore", "ignore", "pipe"] = ["ignore", "ignore", "pipe"];
    const started = spawn(program("postgres"), ["-D", data, ...flags], { ...user, cwd: folder, stdio });
    server = started;
    let log = "";
    await new Promise<void>((resolve, reject) => {
      started.stderr.setEncoding("utf8").on("data", (chunk: string) => {
        log = `${log}${chunk}`.slice(-20_000);
        if (log.includes("ready to accept connections")) resolve();
      });
      started.once("exit", () => {
        reject(new Error(`PostgreSQL did not start:\n${log}`));
      });
    });
  }

  async function stop(how: "fast" | "immediate"): Promise<void> {
    const stopping = server;
    server = undefined;
    if (stopping === undefined) return;
    const exited = new Promise((resolve) => stopping.once("exit", resolve));
    stopping.kill(how === "fast" ? "SIGINT" : "SIGQUIT");
    await exited;
  }

  // Tests that are broken off leave no server behind.
  process.once("exit", () => server?.kill("SIGQUIT"));
  const psql = (url: string, sql: string): string =>
    execFileSync(program("psql"), ["--no-psqlrc", "-qAt", "-v", "ON_ERROR_STOP=1", url], {
      input: sql,
      encoding: "utf8",
      stdio: ["pipe", "pipe", "pipe"],
    }).trim();

  await start();
  return {
    port,
    psql,
    start,
    stop,
    createDatabase: () => {
      const name = `platform_${++databases}`;
      psql(`postgres://tester@127.0.0.1:${port}/postgres`, `CREATE DATABASE ${name}`);
      return `postgres://tester@127.0.0.1:${port}/${name}`;
    },
    remove: async () => {
      await stop("immediate");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root: then it runs as its own user, or as nobody. */
function serverUser(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  for (const name of ["postgres", "nobody"]) {
    try {
      const [uid, gid] = ["-u", "-g"].map((flag) => Number(execFileSync("id", [flag, name], { stdio: "pipe" })));
      if (uid !== undefined && gid !== undefined) return { uid, gid };
    } catch {
      // there is no such user
    }
  }
  throw new Error("These tests cannot start PostgreSQL as root, and there is no user postgres or nobody to do it.");
}

/** Debian keeps the server's programs out of the path. */
function program(name: string): string {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((left, right) => Number(right) - Number(left)) : [];
  const folders = [
    ...versions.map((version) => join(debian, version, "bin")),
    ...(process.env["PATH"] ?? "").split(delimiter),
  ];
  const found = folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
  if (found === undefined) throw new Error(INSTALL);
  return found;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("there is no free port");
  return address.port;
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const EXECUTABLE = "/usr/sbin/nginx";

/** How long nginx may take until it listens, in milliseconds. */
const START_MS = 10_000;

/** An nginx of the test's own. */
export interface Nginx {
  /** What it wrote to its error log. */
  readonly errors: () => string;
  readonly stop: () => Promise<void>;
}

/**
 * Runs Debian's nginx with a configuration, in a folder of its own, in the foreground, until it listens on the port that
 * the configuration names. Throws with the name of the package if it is not there, and with its errors if it ends.
 */
export async function startNginx(folder: string, configuration: string, port: number): Promise<Nginx> {
  if (!existsSync(EXECUTABLE)) {
    throw new Error(`This test needs nginx at ${EXECUTABLE}. Install Debian's package: apt-get install nginx`);
  }
  const prefix = join(folder, "nginx");
  mkdirSync(prefix, { recursive: true });
  const file = join(prefix, "nginx.conf");
  writeFileSync(file, configuration);
  const options = ["-p", prefix, "-e", "stderr", "-c", file, "-g", "daemon off; master_process off;"];
  const child = spawn(EXECUTABLE, options, { stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.on("data", (part: Buffer) => (errors += part.toString("utf8")));
  const ended = once(child, "exit");
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
  };
  const deadline = Date.now() + START_MS;
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${errors}`);
    if (Date.now() > deadline) {
      await stop();
      throw new Error(`nginx did not listen on port ${String(port)}: ${errors}`);
    }
    await wait(20);
  }
  return { errors: () => errors, stop };
}

/** A port of the loopback that was free a moment ago, for a program that cannot choose one itself. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false; // not yet
  } finally {
    socket.destroy();
  }
}

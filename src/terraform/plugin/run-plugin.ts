import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { handshakeCertificate, makeCertificate } from "./certificate.ts";
import { handshakeLine, readHostRequest } from "./handshake.ts";
import type { Output } from "./output.ts";
import { servePlugin, type PluginService } from "./plugin-server.ts";

/** The process that a plugin runs in. */
export interface PluginProcess {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What the plugin prints while it serves. */
  readonly output: Output;
  /** Writes the handshake line to the real standard output. */
  readonly announce: (line: string) => void;
  /** The process that started this one, as it is now: it changes when that one ends. */
  readonly parent: () => number;
}

/** How often a plugin looks whether the host still lives. A killed host tells nobody. */
const PARENT_CHECK_MS = 1000;

/** How long calls under way may take once the host says goodbye; it kills what takes longer than 2 s. */
const FAREWELL_MS = 1500;

/**
 * Serves a plugin to the host that started this process until the host wants no more or is gone. Returns what to tell a
 * person who started it by hand, if nothing was served.
 */
export async function runPlugin(service: PluginService, process: PluginProcess): Promise<string | undefined> {
  const request = readHostRequest(process.env);
  if (typeof request === "string") return request;
  const { clientCertificate, socketFolder } = request;
  const folder = mkdtempSync(join(socketFolder ?? tmpdir(), "algokeys-plugin-"));
  try {
    const own = clientCertificate === undefined ? undefined : await makeCertificate(process.now);
    const tls = own === undefined || clientCertificate === undefined ? undefined : { own, client: clientCertificate };
    const socket = join(folder, "socket");
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const host = { output: process.output, shutdown: end };
    const server = await servePlugin(`unix:${socket}`, service, tls, host);
    process.announce(
      handshakeLine({ network: "unix", address: socket }, own === undefined ? "" : handshakeCertificate(own)),
    );
    const stopWatching = watchParent(process.parent, end);
    await ended;
    stopWatching();
    const kill = setTimeout(server.kill, FAREWELL_MS);
    await server.close();
    clearTimeout(kill);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function watchParent(parent: () => number, gone: () => void): () => void {
  const first = parent();
  const timer = setInterval(() => {
    if (parent() !== first) gone();
  }, PARENT_CHECK_MS);
  return () => {
    clearInterval(timer);
  };
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const UPSTREAM = fileURLToPath(new URL("../../examples/self-hosted/upstream.mjs", import.meta.url));

/** The example's upstream as a process of its own. */
export interface UpstreamProcess {
  readonly url: URL;
  /** What it has written to its standard error. */
  readonly errors: () => string;
  readonly stop: () => Promise<void>;
}

/** Starts the example's upstream as its README says, on a free port. */
export async function startUpstream(options: {
  readonly dataDir: string;
  readonly secretFile?: string;
}): Promise<UpstreamProcess> {
  const secret = options.secretFile === undefined ? {} : { IDENTITY_SECRET_FILE: options.secretFile };
  const env = { PATH: process.env["PATH"], PORT: "0", DATA_DIR: options.dataDir, ...secret };
  const child = spawn(process.execPath, [UPSTREAM], { env, stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (part: Buffer) => (errors += part.toString("utf8")));
  const ended = once(child, "exit");
  const url = await Promise.race([
    listeningUrl(child.stdout),
    ended.then(() => {
      throw new Error(`the upstream ended: ${errors}`);
    }),
  ]);
  return {
    url,
    errors: () => errors,
    stop: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function listeningUrl(stdout: AsyncIterable<Buffer>): Promise<URL> {
  let said = "";
  for await (const part of stdout) {
    said += part.toString("utf8");
    const [url] = /http:\/\/\S+/.exec(said) ?? [];
    if (url !== undefined && said.endsWith("\n")) return new URL(url);
  }
  throw new Error(`the upstream did not say where it listens: ${said}`);
}

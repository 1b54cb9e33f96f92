import { once } from "node:events";
import process from "node:process";
import { startServer } from "../../platform/server.ts";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { CommandFailure } from "../failure.ts";
import type { GlobalOptions } from "../options.ts";
import { packageVersion, readApiDescription } from "../package-file.ts";
import { readSecret } from "../read-secret.ts";
import { storeInput, type StoreInput } from "../store-input.ts";

interface ServeInput extends GlobalOptions, StoreInput {
  readonly listen: string;
  readonly upstream?: string;
  readonly identitySecretFile?: string;
  readonly ownOrigin?: string;
}

/** `algokeys serve`: the platform behind HTTP until it is told to stop; then it finishes what is in flight. */
export async function serve(input: ServeInput, context: Context): Promise<ExitCode> {
  const identity = {
    file: input.identitySecretFile,
    option: "--identity-secret-file",
    variable: "ALGOKEYS_IDENTITY_SECRET",
  };
  const server = await startServer({
    ...storeInput(input, context),
    ...listenAddress(input.listen),
    create: true,
    upstream: input.upstream === undefined ? undefined : { url: httpUrl("--upstream", input.upstream) },
    identitySecret: readSecret(identity, context),
    ownOrigin: input.ownOrigin === undefined ? undefined : httpUrl("--own-origin", input.ownOrigin).origin,
    log: process.stdout,
    version: await packageVersion(),
    description: await readApiDescription(),
    clock: context.now,
    random: context.random,
  });
  const sealed = server.sealed ? " It is sealed: every answer is 503, and the log says why." : "";
  context.stderr.write(`Listening on ${server.url}.${sealed}\n`);
  if (!context.signal.aborted) await once(context.signal, "abort");
  await server.close();
  return EXIT.ok;
}

function listenAddress(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits = ""] = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host !== undefined && port <= 65_535) return { host, port };
  throw new CommandFailure(EXIT.usage, `--listen ${text} is no address and port`, {
    fix: "Write --listen 127.0.0.1:8080, or --listen 0.0.0.0:8080 for every address of this machine.",
  });
}

/** An `http:` or `https:` URL; what is wrong with one is not repeated, because it may hold a password. */
function httpUrl(option: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url?.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (plain && ["http:", "https:"].includes(url.protocol)) return url;
  throw new CommandFailure(EXIT.usage, `${option} is no http:// or https:// address without user and query`, {
    fix: `Write, for example, ${option} http://127.0.0.1:9000.`,
  });
}

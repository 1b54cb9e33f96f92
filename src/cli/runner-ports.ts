import { fstatSync } from "node:fs";
import { DeliveryFailure } from "../apply/delivery-failure.ts";
import type { RunnerPorts } from "../apply/github-sink.ts";
import type { Context, OutputStream } from "./context.ts";
import type { OutputFormat } from "./options.ts";

/**
 * Speaks to the GitHub runner that started this run. It reads both streams of a step; what is written for it goes to
 * standard output, or, where that carries a document, to standard error. A stream that goes into a file has no runner at
 * its end, and would keep the secret.
 */
export function runnerPorts(format: OutputFormat, { stdout, stderr, random }: Context): RunnerPorts {
  const [stream, name] = format === "text" ? [stdout, "standard output"] : [stderr, "standard error"];
  return {
    random,
    command: (line) => {
      if (isFile(stream)) {
        const text = `${name} goes into a file, so the runner cannot be told to hide the secret; do not redirect it`;
        return Promise.reject(new DeliveryFailure(text));
      }
      stream.write(`${line}\n`);
      return Promise.resolve();
    },
  };
}

function isFile(stream: OutputStream): boolean {
  return "fd" in stream && typeof stream.fd === "number" && fstatSync(stream.fd).isFile();
}

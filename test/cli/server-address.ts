import type { ChildProcess } from "node:child_process";

/** Where a started `algokeys serve` listens, once it says so. Rejects if it ends before. */
export function addressOf(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    server.stderr?.on("data", (part) => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(String(part))?.[0];
      if (found !== undefined) resolve(found);
    });
    server.once("exit", (code) => {
      reject(new Error(`the server ended with ${String(code)}`));
    });
  });
}

import { resolve } from "node:path";
import { KeyApiError } from "../api/errors.ts";
import { platformUrl as serverUrl } from "../api/platform-url.ts";
import { inCi, type Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { CommandFailure } from "./failure.ts";
import type { GlobalOptions } from "./options.ts";

const DEFAULT_URL = "file:.algokeys/platform.db";

/**
 * The URL of the platform to talk to: `--platform`, else `ALGOKEYS_PLATFORM`, else the embedded default; in CI it must
 * be stated, because a default that a job throws away would look like success.
 */
export function platformUrl(options: Pick<GlobalOptions, "platform">, context: Context): string {
  const stated = options.platform ?? "";
  if (stated === "" && inCi(context)) {
    throw new CommandFailure(EXIT.usage, "no platform is stated, and this is a CI job", {
      detail: "Without one, the keys would go to a file that ends with the job.",
      fix: "Add --platform or set ALGOKEYS_PLATFORM; for the embedded platform write --platform file:.algokeys/platform.db.",
    });
  }
  const url = stated === "" ? DEFAULT_URL : stated;
  if (/^file:.+/.test(url)) return url;
  if (/^https?:/i.test(url)) return checkedServerUrl(url);
  // Before an @ there may be a password.
  const named = url.includes("@") ? "--platform" : `--platform ${url}`;
  throw new CommandFailure(EXIT.usage, `${named} is neither a server's address nor a file`, {
    fix: "Write https://keys.example.com, or file:PATH such as file:.algokeys/platform.db.",
  });
}

function checkedServerUrl(url: string): string {
  try {
    return serverUrl(url).href.replace(/\/$/, "");
  } catch (error) {
    if (!(error instanceof KeyApiError)) throw error;
    throw new CommandFailure(EXIT.usage, `--platform: ${error.message}`, {
      fix: "Write https://keys.example.com; the admin key goes into ALGOKEYS_TOKEN or a --token-file.",
    });
  }
}

/** The file of an embedded platform, absolute; undefined for a server. */
export function embeddedFile(url: string, context: Pick<Context, "cwd">): string | undefined {
  return url.startsWith("file:") ? resolve(context.cwd, url.slice("file:".length)) : undefined;
}

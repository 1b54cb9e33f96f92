import type { Writable } from "node:stream";

/** Writes lines of JSON, one for each thing that happened. */
export interface JsonLog {
  /** Adds a line: the time, what happened, and what is known of it. Values that are undefined are left out. */
  write(event: string, fields: Readonly<Record<string, unknown>>): void;
  /** The same for fields that are JSON already, without the braces around them. */
  writeText(event: string, fields: string): void;
  /** Settles once every line so far was taken by the stream, or the stream has failed. */
  flush(): Promise<void>;
}

/** How much text waits for a stream that does not keep up; what comes then is dropped and counted. */
const MOST_WAITING = 4 * 1024 * 1024;

/** How much text, and for how many milliseconds, waits for more to go along. */
const BATCH = { length: 64 * 1024, milliseconds: 20 } as const;

/**
 * Makes a log over a stream. Lines go out in batches, because a write for each would cost a busy gateway more than the
 * request itself. A stream that fails ends the log, never the server.
 */
export function jsonLog(stream: Writable, clock: () => number): JsonLog {
  let waiting = "";
  let dropped = 0;
  let timer: NodeJS.Timeout | undefined;
  let failed = false;
  let moment = Number.NaN;
  let time = "";

  stream.on("error", () => {
    failed = true;
    waiting = "";
  });

  function line(event: string, fields: string): string {
    const now = clock();
    if (now !== moment) {
      moment = now;
      time = new Date(now).toISOString();
    }
    return `{"time":"${time}","event":"${event}"${fields === "" ? "" : ","}${fields}}\n`;
  }

  function send(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (failed || waiting === "") return Promise.resolve();
    const text = dropped === 0 ? waiting : waiting + line("log-lines-dropped", `"count":${dropped}`);
    waiting = "";
    dropped = 0;
    return new Promise((resolve) => {
      stream.write(text, () => {
        resolve();
      });
    });
  }

  function add(event: string, fields: string): void {
    if (failed) return;
    if (waiting.length + stream.writableLength > MOST_WAITING) {
      dropped += 1;
      return;
    }
    waiting += line(event, fields);
    if (waiting.length >= BATCH.length) void send();
    else timer ??= setTimeout(() => void send(), BATCH.milliseconds);
  }

  return {
    write: (event, fields) => {
      add(event, JSON.stringify(fields).slice(1, -1));
    },
    writeText: add,
    flush: send,
  };
}

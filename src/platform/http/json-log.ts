import type { Writable } from "node:stream";

/** Writes lines of JSON, one for each thing that happened. */
export interface JsonLog {
  /** Adds a line: the time, what happened, and what is known of it. Values that are undefined are left out. */
  write(event: string, fields: Readonly<Record<string, unknown>>): void;
  /** Settles once every line so far was taken by the stream, or the stream has failed. */
  flush(): Promise<void>;
}

/** How much text waits for a stream that does not keep up; what comes then is dropped and counted. */
const MOST_WAITING = 4 * 1024 * 1024;

/**
 * Makes a log over a stream. Lines that come in one turn of the event loop go out in one write, because a write for each
 * would cost a busy gateway more than the request itself. A stream that fails ends the log, never the server.
 */
export function jsonLog(stream: Writable, clock: () => number): JsonLog {
  let waiting = "";
  let dropped = 0;
  let scheduled = false;
  let failed = false;

  stream.on("error", () => {
    failed = true;
    waiting = "";
  });

  function line(event: string, fields: Readonly<Record<string, unknown>>): string {
    return `${JSON.stringify({ time: new Date(clock()).toISOString(), event, ...fields })}\n`;
  }

  function send(): Promise<void> {
    scheduled = false;
    if (failed || waiting === "") return Promise.resolve();
    const text = dropped === 0 ? waiting : waiting + line("log-lines-dropped", { count: dropped });
    waiting = "";
    dropped = 0;
    return new Promise((resolve) => {
      stream.write(text, () => {
        resolve();
      });
    });
  }

  return {
    write: (event, fields) => {
      if (failed) return;
      if (waiting.length + stream.writableLength > MOST_WAITING) {
        dropped += 1;
        return;
      }
      waiting += line(event, fields);
      if (scheduled) return;
      scheduled = true;
      setImmediate(() => void send());
    },
    flush: send,
  };
}

import { connect } from "node:net";

/** What came back over a raw socket. */
export interface RawAnswer {
  readonly status: number;
  /** By lower-case name; several of one name are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Everything, as it came. */
  readonly bytes: Buffer;
  /** True if the connection was reset instead of ended. */
  readonly reset: boolean;
}

/** Sends bytes as they are and reads until the other side ends the connection. Text is sent as UTF-8. */
export async function sendRaw(port: number, bytes: string | Buffer): Promise<RawAnswer> {
  const socket = connect({ port, host: "127.0.0.1" });
  const chunks: Buffer[] = [];
  let reset = false;
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", () => {
    reset = true;
  });
  socket.write(bytes);
  await new Promise((resolve) => socket.once("close", resolve));
  return { ...parseAnswer(Buffer.concat(chunks)), reset };
}

/** Reads the first answer of a connection; its body may be chunked. */
export function parseAnswer(bytes: Buffer): Omit<RawAnswer, "reset"> {
  const text = bytes.toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = text.slice(0, end < 0 ? undefined : end).split("\r\n");
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  const rest = end < 0 ? "" : text.slice(end + 4);
  const body = headers["transfer-encoding"] === "chunked" ? unchunked(rest) : rest;
  return { status: Number(statusLine.split(" ")[1] ?? 0), headers, body, bytes };
}

function unchunked(text: string): string {
  let rest = text;
  let body = "";
  for (;;) {
    const size = Number.parseInt(rest, 16);
    if (!(size > 0)) return body;
    const start = rest.indexOf("\r\n") + 2;
    body += rest.slice(start, start + size);
    rest = rest.slice(start + size + 2);
  }
}

/** The text of a request that asks for the connection to end after it. */
export function requestText(
  method: string,
  target: string,
  headers: readonly (readonly [string, string])[] = [],
  body = "",
): string {
  const host = headers.some(([name]) => name.toLowerCase() === "host") ? [] : [["Host", "api.example.com"] as const];
  const length = body === "" ? [] : [["Content-Length", String(Buffer.byteLength(body))] as const];
  const lines = [...host, ...headers, ...length, ["Connection", "close"] as const];
  return `${method} ${target} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`;
}

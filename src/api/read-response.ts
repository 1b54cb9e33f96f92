import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { KeyApiError } from "./errors.ts";
import type { WireResponse } from "./transport.ts";

/** Reads a whole answer as text, unpacked if it is packed. `maxBytes` bounds it packed and unpacked. */
export async function readResponse(response: IncomingMessage, maxBytes: number): Promise<WireResponse> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  const packed = Buffer.concat(chunks);
  const bytes = await unpacked(packed, response.headers["content-encoding"], maxBytes);
  return { status: response.statusCode ?? 0, headers: plainHeaders(response), body: textOf(bytes) };
}

async function unpacked(bytes: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  if (encoding === undefined || encoding === "identity") return bytes;
  if (encoding !== "gzip") {
    const message =
      "The answer is packed in a way that was not asked for. Something in front of the platform does that.";
    throw new KeyApiError("unavailable", message, { retryable: false });
  }
  const { gunzip } = await import("node:zlib");
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: maxBytes });
  } catch (cause) {
    if (codeOf(cause) === "ERR_BUFFER_TOO_LARGE") throw tooLarge(maxBytes);
    throw new KeyApiError("unavailable", "The answer cannot be unpacked; it may have been cut on its way.", { cause });
  }
}

function plainHeaders({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  const plain = Object.entries(headers).map(([name, value = ""]) => [name, String(value)]);
  return Object.fromEntries(plain) as Record<string, string>; // both parts of every entry are text
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new KeyApiError("unavailable", "The answer is no UTF-8 text; it may have been changed on its way.", {
      cause,
    });
  }
}

function tooLarge(maxBytes: number): KeyApiError {
  const message = `The answer is larger than the ${maxBytes} bytes that are read at most, and was not read further.`;
  return new KeyApiError("unavailable", message, { retryable: false });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

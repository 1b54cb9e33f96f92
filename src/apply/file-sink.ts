import { tokenFingerprint, type Sha256 } from "../core/token.ts";
import { failureText } from "./delivery-failure.ts";
import { readBytes, replaceFile, type Sleep } from "./locked-file.ts";
import { pathInside } from "./path-inside.ts";
import type { NamedSecret, Sink } from "./sink.ts";

/** What a file sink needs of the world. */
export interface FileSinkPorts {
  /** The folder that no delivery leaves: where the run was started. */
  readonly root: string;
  readonly sha256: Sha256;
  readonly sleep: Sleep;
}

/** How values stand in a file of some kind. Pure; a file that is not there is undefined. */
export interface FileFormat {
  /** The file with that value under that name and every other byte as it was. */
  set(bytes: Buffer | undefined, name: string, value: string): FormatEdit;
  /** The value that a reader of such files sees under that name; undefined if there is none. */
  get(bytes: Buffer, name: string): string | undefined;
}

/** An edited file, or why the value cannot stand in it: the end of a sentence that begins with the file's name. */
export type FormatEdit = { readonly ok: true; readonly bytes: Buffer } | { readonly ok: false; readonly why: string };

/** A sink over files of one format: all secrets for one file go in by one atomic replacement. */
export function fileSink(format: FileFormat, ports: FileSinkPorts): Sink {
  return {
    async deliver(file, secrets) {
      try {
        const path = await pathInside(ports.root, file, "make");
        return await write(format, path, file, secrets, ports.sleep);
      } catch (error) {
        const text = failureText(file, error);
        return new Map(secrets.map(({ name }) => [name, text]));
      }
    },
    async readBack(file, name) {
      try {
        const bytes = await readBytes(await pathInside(ports.root, file, "leave"));
        const value = bytes && format.get(bytes, name);
        return value === undefined ? null : tokenFingerprint(ports.sha256(value));
      } catch (error) {
        failureText(file, error); // throws on what is our bug; what the world does means: not readable
        return undefined;
      }
    },
  };
}

async function write(
  format: FileFormat,
  path: string,
  file: string,
  secrets: readonly NamedSecret[],
  sleep: Sleep,
): Promise<ReadonlyMap<string, string>> {
  let failures = new Map<string, string>();
  await replaceFile(
    path,
    (present) => {
      failures = new Map();
      let edited: Buffer | undefined;
      for (const { name, secret } of secrets) {
        const value = secret.reveal();
        const edit = format.set(edited ?? present, name, value);
        if (!edit.ok) failures.set(name, `${file} ${edit.why}`);
        else if (format.get(edit.bytes, name) === value) edited = edit.bytes;
        else failures.set(name, `${file} would not yield the secret under ${name}; is it there twice?`);
      }
      return edited;
    },
    sleep,
  );
  return failures;
}

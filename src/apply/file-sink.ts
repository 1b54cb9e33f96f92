import type { FileDelivery } from "../core/delivery.ts";
import { tokenFingerprint, type Sha256 } from "../core/token.ts";
import { failureText } from "./delivery-failure.ts";
import { readBytes, replaceFile, type Sleep } from "./locked-file.ts";
import { pathInside } from "./path-inside.ts";
import type { PlacedSecret, Sink } from "./sink.ts";

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
export function fileSink(format: FileFormat, ports: FileSinkPorts): Sink<FileDelivery> {
  const fingerprint = (bytes: Buffer | undefined, name: string): string | null => {
    const value = bytes && format.get(bytes, name);
    return value === undefined ? null : tokenFingerprint(ports.sha256(value));
  };
  const readBack = async ({ file, name }: FileDelivery): Promise<string | null | undefined> => {
    try {
      return fingerprint(await readBytes(await pathInside(ports.root, file, "leave")), name);
    } catch (error) {
      failureText(file, error); // throws on what is our bug; what the world does means: not readable
      return undefined;
    }
  };
  return {
    async deliver(secrets) {
      const file = secrets[0]?.delivery.file ?? "";
      try {
        const path = await pathInside(ports.root, file, "make");
        return await write(format, fingerprint, path, secrets, ports.sleep);
      } catch (error) {
        const text = failureText(file, error);
        return new Map(secrets.map(({ delivery }) => [delivery, text]));
      }
    },
    readBack,
    look: async (delivery) => (await readBack(delivery)) ?? null,
  };
}

async function write(
  format: FileFormat,
  fingerprint: (bytes: Buffer | undefined, name: string) => string | null,
  path: string,
  secrets: readonly PlacedSecret<FileDelivery>[],
  sleep: Sleep,
): Promise<ReadonlyMap<FileDelivery, string>> {
  let failures = new Map<FileDelivery, string>();
  await replaceFile(
    path,
    (present) => {
      failures = new Map();
      let edited: Buffer | undefined;
      for (const { delivery, secret, seen } of secrets) {
        const { file, name } = delivery;
        const value = secret.reveal();
        if (seen !== undefined && fingerprint(present, name) !== seen) {
          failures.set(delivery, overtaken(`${file} holds another value under ${name}`));
          continue;
        }
        const edit = format.set(edited ?? present, name, value);
        if (!edit.ok) failures.set(delivery, `${file} ${edit.why}`);
        else if (format.get(edit.bytes, name) === value) edited = edit.bytes;
        else
          failures.set(
            delivery,
            `${file} would not yield the secret under ${name}; is it there twice, or a quote without an end?`,
          );
      }
      return edited;
    },
    sleep,
  );
  return failures;
}

/** What is said when another run wrote in the meantime. */
export function overtaken(what: string): string {
  return `${what} than when this run began, so it was left as it is`;
}

import type { AgeDelivery } from "../core/delivery.ts";
import { failureText } from "./delivery-failure.ts";
import { overtaken, type FileSinkPorts } from "./file-sink.ts";
import { readBytes, replaceFile } from "./locked-file.ts";
import { pathInside } from "./path-inside.ts";
import type { PlacedSecret, Sink } from "./sink.ts";

/**
 * Encrypts a secret to age recipients, as text that `age --decrypt` reads. The file holds that one secret and is replaced
 * whole. Only the recipients can read it, so nothing here compares what it holds with the platform.
 */
export function ageSink(ports: FileSinkPorts): Sink<AgeDelivery> {
  const markOf = (bytes: Buffer | undefined): string | null =>
    bytes === undefined ? null : ports.sha256(bytes.toString("latin1"));
  return {
    async deliver(secrets) {
      const failures = new Map<AgeDelivery, string>();
      for (const placed of secrets) {
        const failure = await write(placed, ports, markOf);
        if (failure !== null) failures.set(placed.delivery, failure);
      }
      return failures;
    },
    readBack: () => Promise.resolve(undefined),
    async look({ file }) {
      try {
        return markOf(await readBytes(await pathInside(ports.root, file, "leave")));
      } catch (error) {
        failureText(file, error); // throws on what is our bug; what the world does shows again when it is written
        return null;
      }
    },
  };
}

async function write(
  { delivery, secret, seen }: PlacedSecret<AgeDelivery>,
  { root, sleep }: FileSinkPorts,
  markOf: (bytes: Buffer | undefined) => string | null,
): Promise<string | null> {
  const { file, recipients } = delivery;
  let failure: string | null = null;
  try {
    const path = await pathInside(root, file, "make");
    const encrypted = await encrypt(secret.reveal(), recipients);
    await replaceFile(
      path,
      (present) => {
        const same = seen === undefined || markOf(present) === seen;
        failure = same ? null : overtaken(`${file} holds something else`);
        return same ? encrypted : undefined;
      },
      sleep,
    );
    return failure;
  } catch (error) {
    return failureText(file, error);
  }
}

/** The library is loaded only once a secret goes into such a file. */
async function encrypt(text: string, recipients: readonly string[]): Promise<Buffer> {
  const { armor, Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return Buffer.from(armor.encode(await encrypter.encrypt(text)));
}

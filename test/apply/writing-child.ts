import { createHash, randomBytes } from "node:crypto";
import { argv, stdout } from "node:process";
import { env } from "node:process";
import { deliverySinks } from "../../src/apply/delivery-sinks.ts";
import type { Delivery } from "../../src/core/delivery.ts";
import { makeToken } from "../../src/core/token.ts";

/**
 * Delivers fresh secrets to one place: once, and prints what failed, or again and again until it is killed.
 * Arguments: folder, delivery as JSON, `once` or `forever`.
 */
const [, , root = "", place = "", how = "once"] = argv;
const delivery = JSON.parse(place) as Delivery;
const sinks = deliverySinks({
  root,
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  env,
  runner: { random: randomBytes, command: () => Promise.resolve() },
});
const deliver = async (): Promise<string> => {
  const secret = makeToken("caller", randomBytes);
  return (await sinks[delivery.to].deliver([{ delivery, secret }])).get(delivery) ?? "";
};
const first = await deliver();
stdout.write(`${JSON.stringify(first)}\n`);
while (how === "forever") await deliver();

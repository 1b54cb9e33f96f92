import { decodeMsgpack, encodeMsgpack } from "./cty-msgpack.ts";
import { valueOfJson } from "./cty-json.ts";
import type { CtyType } from "./cty-type.ts";
import type { CtyRecord, CtyValue } from "./cty-value.ts";
import type { DynamicValue } from "./tfplugin6.generated.ts";

/** A value of that type as the protocol sends it. */
export function sentValue(type: CtyType, value: CtyValue): { readonly msgpack: Uint8Array } {
  return { msgpack: encodeMsgpack(type, value) };
}

/** Reads a value of that type; null if none was sent. */
export function receivedValue(type: CtyType, sent: DynamicValue | undefined): CtyValue {
  if (sent === undefined) return null;
  if (sent.msgpack.length > 0) return decodeMsgpack(type, sent.msgpack);
  return sent.json.length > 0 ? valueOfJson(type, JSON.parse(new TextDecoder().decode(sent.json))) : null;
}

/** Reads an object of that type; null if there is none. */
export function receivedObject(type: CtyType, sent: DynamicValue | undefined): CtyRecord | null {
  return receivedValue(type, sent) as CtyRecord | null;
}

/** Reads an object that is always there, such as a configuration. */
export function receivedConfig(type: CtyType, sent: DynamicValue | undefined): CtyRecord {
  const config = receivedObject(type, sent);
  if (config === null) throw new Error("Terraform sent no configuration");
  return config;
}

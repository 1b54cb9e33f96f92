import type { IConstruct } from "constructs";
import { declaredSpec } from "../core/declared-spec.ts";
import { loadText } from "../manifest/load.ts";
import { ApiKey } from "./api-key.ts";
import { ApiKeys } from "./api-keys.ts";
import type { KeyFields } from "./key-fields.ts";
import { isKnownLater } from "./literal.ts";

/** A key as an aspect judges it. */
export interface DeclaredKey {
  /** What to call it in a message; empty for the construct's one key. */
  readonly label: string;
  readonly fields: Pick<KeyFields, "algorithms" | "origins">;
}

/** The keys that a construct declares; none for every other construct, and for a manifest that is not valid or not known. */
export function declaredKeysOf(construct: IConstruct): readonly DeclaredKey[] {
  if (construct instanceof ApiKey) return [{ label: "", fields: construct.fields }];
  if (!(construct instanceof ApiKeys)) return [];
  const { keys, manifest, variables = {} } = construct.fields;
  if (keys !== undefined) return Object.entries(keys).map(([name, fields]) => ({ label: `${name}: `, fields }));
  if (manifest === undefined || isKnownLater(manifest) || isKnownLater(variables)) return [];
  const read = loadText(manifest, { env: {}, vars: variables });
  if (!read.ok) return [];
  return read.value.keys.map(({ name, spec }) => {
    const { algorithms, origins } = declaredSpec(spec);
    return { label: `${name}: `, fields: { algorithms: algorithms ?? [], origins } };
  });
}

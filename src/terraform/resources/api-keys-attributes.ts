import { nameKey } from "../../core/key-name.ts";
import { attribute, type Attribute, type Attributes } from "../framework/attribute.ts";
import type { IdentitySchema } from "../protocol/schema.ts";
import { SPEC_ATTRIBUTES } from "./spec-attributes.ts";

/** A key in the map of a whole project: every field of a key, and the name that it had before. */
const KEY_IN_MAP: Attributes = {
  ...mapped(SPEC_ATTRIBUTES),
  renamed_from: attribute(
    "string",
    "author-or-null",
    "The name that the key had before. A rename keeps the key and its secret; without this it would be another key.",
  ),
};

/** `algorithmia_api_keys`, in the order of its documentation. */
export const API_KEYS_ATTRIBUTES: Attributes = {
  manifest: attribute(
    "string",
    "author-or-null",
    'A whole declaration in YAML, such as `file("keys.yaml")`: the one that the command line reads. State this or `keys`. ' +
      "`deliver` and `tests` are read by the command line only.",
  ),
  variables: attribute(["map", "string"], "author-or-null", "Values for `${var.name}` in the manifest."),
  keys: {
    setBy: "author-or-null",
    nested: { nesting: "map", attributes: KEY_IN_MAP },
    description: "The keys by name, with the fields of a declaration. State this or `manifest`.",
  },
  account: attribute(
    "string",
    "author-or-provider",
    "The account that owns the keys. Default: what the manifest states, else the provider's `account`. Changing it makes " +
      "other keys.",
    { sameMeaning: (left, right) => nameKey(left as string) === nameKey(right as string) },
  ),
  project: attribute(
    "string",
    "author-or-provider",
    "Who manages the keys: this resource manages exactly the keys of this project, and deletes those that are no longer " +
      "declared. Default: what the manifest states, else the provider's `project`.",
  ),
  secrets_wo: attribute(
    ["map", "string"],
    "author-or-null",
    "Secrets by the key's name, such as those of ephemeral `algorithmia_secret`s. Written to no plan and no state. A secret " +
      "counts when its key is made and when its version changes.",
    { writeOnly: true, sensitive: true },
  ),
  secrets_wo_versions: attribute(
    ["map", "string"],
    "author-or-null",
    "Versions by the key's name. Changing one gives that key the secret that `secrets_wo` then holds, in place.",
  ),
  max_deletes: attribute(
    "string",
    "author-or-null",
    "How many keys a plan may delete, `5` or `50%`. Without it a plan that deletes all keys, or more than 30 % of at least " +
      "4, is refused.",
  ),
  adopt: attribute(
    "bool",
    "author-or-null",
    "Whether declared keys that live already and are managed by nobody are taken over rather than refused. Default: `false`.",
  ),
  specs: attribute(
    ["map", "string"],
    "provider",
    "What each key may do, as JSON by the key's name. In a plan it shows what changes; after a refresh, what was changed elsewhere.",
  ),
  ids: attribute(["map", "string"], "provider", "The platform's id of each key, by the key's name."),
  masks: attribute(
    ["map", "string"],
    "provider",
    "The first characters of each key's secret, by the key's name; of those that have one.",
  ),
  fingerprints: attribute(
    ["map", "string"],
    "provider",
    "The first 16 digits of the SHA-256 of each key's secret, by the key's name; of those that have one.",
  ),
};

/** What identifies a project's keys. */
export const API_KEYS_IDENTITY: IdentitySchema = {
  version: 0,
  attributes: {
    account: { description: "The account that owns the keys.", import: "required" },
    project: { description: "The project that manages them.", import: "required" },
  },
};

/** Within a map nothing has a default of Terraform's: what is not stated is null, and means what it means in a declaration. */
function mapped(attributes: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { type, nested, description, setBy, sameMeaning }]): [string, Attribute] => [
      name,
      {
        description,
        setBy: setBy === "author" ? setBy : "author-or-null",
        ...(type === undefined ? {} : { type }),
        ...(sameMeaning === undefined ? {} : { sameMeaning }),
        ...(nested === undefined ? {} : { nested: { ...nested, attributes: mapped(nested.attributes) } }),
      },
    ]),
  );
}

import { nameKey } from "../../core/key-name.ts";
import { attribute, type Attributes } from "../framework/attribute.ts";
import type { IdentitySchema } from "../protocol/schema.ts";
import { SPEC_ATTRIBUTES } from "./spec-attributes.ts";

/** What the platform says of a key; the same in the resource and in the data sources. */
export const RESULT_ATTRIBUTES: Attributes = {
  id: attribute(
    "string",
    "provider",
    "The platform's id of the key. It stays through renaming, re-scoping and rotation.",
  ),
  mask: attribute(
    "string",
    "provider",
    "The first characters of the secret, to recognize it by; null without a secret.",
  ),
  fingerprint: attribute(
    "string",
    "provider",
    "The first 16 digits of the secret's SHA-256, to compare what holds it with the platform; null without a secret.",
  ),
  created_at: attribute("string", "provider", "When the key was made."),
  secret_created_at: attribute("string", "provider", "When its secret was issued; null without a secret."),
};

/** Which key: its name and whose it is. */
export const NAME_ATTRIBUTES: Attributes = {
  name: attribute(
    "string",
    "author",
    "The key's name, unique within its account ignoring case. Changing it renames the key: its id and its secret stay.",
  ),
  account: attribute(
    "string",
    "author-or-provider",
    "The user or organization that owns the key. Default: the provider's `account`. A key cannot change hands, so " +
      "changing it makes another key.",
    { sameMeaning: (left, right) => nameKey(left as string) === nameKey(right as string) },
  ),
};

/** `algorithmia_api_key`, in the order of its documentation. */
export const API_KEY_ATTRIBUTES: Attributes = {
  ...NAME_ATTRIBUTES,
  ...SPEC_ATTRIBUTES,
  secret_wo: attribute(
    "string",
    "author-or-null",
    "The secret that the key shall have, such as that of an ephemeral `algorithmia_secret`. It is written to no plan and " +
      "no state. It counts when the key is made and whenever `secret_wo_version` or `rotation_trigger` changes.",
    { writeOnly: true, sensitive: true },
  ),
  secret_wo_version: attribute(
    "string",
    "author-or-null",
    "Any text or number. Changing it gives the key the secret that `secret_wo` then holds, in place; the one before goes " +
      "on working for `rotation.overlap` after the new one is confirmed.",
  ),
  rotation_trigger: attribute(
    ["map", "string"],
    "author-or-null",
    "Any values. When they change, the key gets another secret in place, as with `secret_wo_version`.",
  ),
  keep_secret_in_state: attribute(
    "bool",
    "author-or-null",
    "Whether the provider draws the secret and keeps it as `secret` in the state, for everyone to read who reads the state. " +
      "Prefer `secret_wo`. Default: `false`.",
  ),
  adopt: attribute(
    "bool",
    "author-or-null",
    "Whether a key of this name that lives already and is managed by nobody is taken over rather than refused. " +
      "Default: `false`.",
  ),
  ...RESULT_ATTRIBUTES,
  secret: attribute(
    "string",
    "provider",
    "The secret itself with `keep_secret_in_state = true`, else null. Null too once another one was issued elsewhere.",
    { sensitive: true },
  ),
};

/** What identifies a key wherever it is managed from. */
export const API_KEY_IDENTITY: IdentitySchema = {
  version: 0,
  attributes: {
    account: { description: "The account that owns the key.", import: "required" },
    id: { description: "The platform's id of the key.", import: "required" },
  },
};

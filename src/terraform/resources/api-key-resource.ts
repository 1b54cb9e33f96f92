import { valueOfJson } from "../protocol/cty-json.ts";
import type { ManagedResource } from "../framework/provider-definition.ts";
import type { CtyRecord } from "../protocol/cty-value.ts";
import { objectType } from "../protocol/schema.ts";
import { API_KEY_ATTRIBUTES, API_KEY_IDENTITY } from "./api-key-attributes.ts";
import { identityOf } from "./api-key-object.ts";
import { planApiKey, planApiKeyDestroy } from "./api-key-plan.ts";
import { importApiKey, readApiKey } from "./api-key-read.ts";
import { validateApiKey } from "./api-key-validate.ts";
import { createApiKey, destroyApiKey, updateApiKey } from "./api-key-write.ts";
import type { Connection } from "./connection.ts";
import { error } from "./diagnostics.ts";
import { keySubject } from "./this-run.ts";

const TYPE = "algorithmia_api_key";

/** `algorithmia_api_key`: one API key of one application. */
export const apiKeyResource: ManagedResource<Connection> = {
  version: 0,
  description:
    "One API key: what it may call, from where, and with what access to data. Renaming it, changing what it may do and " +
    "rotating its secret happen in place: its id stays, and so does everything that refers to it.",
  attributes: API_KEY_ATTRIBUTES,
  identity: API_KEY_IDENTITY,
  upgrades: {},
  validate: validateApiKey,
  standsInState: ({ run }, { id }) => {
    if (typeof id === "string") run.inState.add(keySubject(id));
  },
  read: readApiKey,
  plan: planApiKey,
  planDestroy: (connection, object) => Promise.resolve(planApiKeyDestroy(connection, object)),
  create: createApiKey,
  update: updateApiKey,
  destroy: destroyApiKey,
  import: importApiKey,
  move: ({ type, provider, version, state }) => {
    if (type !== TYPE || version > 0) {
      const detail = `Only ${TYPE} of another address of this provider can become one. Import the key instead, by account/name.`;
      return { ok: false, diagnostics: [error(`${type} of ${provider} cannot become ${TYPE}`, detail)] };
    }
    const moved = valueOfJson(objectType(API_KEY_ATTRIBUTES), state) as CtyRecord;
    const identity = identityOf({ account: moved["account"] as string, id: moved["id"] as string });
    return { ok: true, value: { state: moved, private: new Uint8Array(), identity }, diagnostics: [] };
  },
};

import { checkDeclaration } from "../../manifest/check-declaration.ts";
import { isUnknown, type CtyRecord, type CtyValue } from "../protocol/cty-value.ts";
import type { ProviderDiagnostic } from "../protocol/provider-diagnostic.ts";
import { error, fromConfiguration, warning } from "./diagnostics.ts";
import { checkGivenSecret } from "./given-secret.ts";
import { declaredOf } from "./spec-attributes.ts";

/** What stands for a name that is not known yet: it passes, and no message names it. */
const SOME_NAME = "key";

/** Checks a key's configuration, as far as it is known, by the rules of every declaration. */
export function validateApiKey(config: CtyRecord, writeOnlyAllowed: boolean): readonly ProviderDiagnostic[] {
  return [...checkSpec(config), ...checkSecret(config, writeOnlyAllowed)];
}

function checkSpec(config: CtyRecord): readonly ProviderDiagnostic[] {
  const name = textOf(config["name"]) ?? SOME_NAME;
  const account = textOf(config["account"]) ?? SOME_NAME;
  const declaration = { version: 1, account, project: SOME_NAME, keys: { [name]: declaredOf(config) } };
  const { diagnostics } = checkDeclaration(declaration);
  return diagnostics.map((found) => {
    // What is about the key as a whole is about its name here.
    const told = fromConfiguration(found, ["keys", name]);
    return told.path === undefined ? { ...told, path: [{ attribute: "name" }] } : told;
  });
}

function checkSecret(config: CtyRecord, writeOnlyAllowed: boolean): readonly ProviderDiagnostic[] {
  const found: ProviderDiagnostic[] = [];
  const stated = (name: string): boolean => (config[name] ?? null) !== null;
  if (stated("secret_wo") && !writeOnlyAllowed) {
    const detail =
      "Terraform 1.11 or later keeps a write-only value out of its state. Use one, or keep_secret_in_state.";
    found.push(error("secret_wo needs a later Terraform", detail, "secret_wo"));
  }
  found.push(...checkGivenSecret(config["secret_wo"] ?? null, [{ attribute: "secret_wo" }]));
  if (stated("secret_wo") && config["keep_secret_in_state"] === true) {
    const detail =
      "With secret_wo the secret is yours and in no state; with keep_secret_in_state the provider draws it. State one.";
    found.push(error("The secret is stated in two ways", detail, "keep_secret_in_state"));
  }
  if (stated("secret_wo_version") && !stated("secret_wo")) {
    const detail =
      "secret_wo_version says that secret_wo holds another secret. State secret_wo, or use rotation_trigger.";
    found.push(error("secret_wo_version without secret_wo", detail, "secret_wo_version"));
  }
  if (stated("secret_wo") && !stated("secret_wo_version") && !stated("rotation_trigger")) {
    const detail =
      "Terraform cannot see that a write-only value changes, so the secret could never be replaced. " +
      "Add `secret_wo_version = 1`, and count it up to rotate.";
    found.push(warning("secret_wo without secret_wo_version", detail, "secret_wo"));
  }
  if (stated("rotation_trigger") && !stated("secret_wo") && config["keep_secret_in_state"] !== true) {
    const keep = config["keep_secret_in_state"];
    if (keep === undefined || keep === null || !isUnknown(keep)) {
      const detail =
        "When it changes, the key gets another secret, and nobody would hold it. Add secret_wo, or keep_secret_in_state.";
      found.push(error("rotation_trigger without a secret", detail, "rotation_trigger"));
    }
  }
  return found;
}

function textOf(value: CtyValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

import { tokenKind } from "../../core/token.ts";
import type { CtyValue } from "../protocol/cty-value.ts";
import type { ProviderDiagnostic, ValuePath } from "../protocol/provider-diagnostic.ts";
import { error } from "./diagnostics.ts";

/** What is wrong with a secret that an author gives a key, as far as it is known. It is not repeated. */
export function checkGivenSecret(secret: CtyValue, path: ValuePath): readonly ProviderDiagnostic[] {
  if (typeof secret !== "string" || tokenKind(secret) === "caller") return [];
  const detail =
    "A secret is 28 characters that begin with sim and end with a checksum; only such pass for keys. " +
    "Draw it with an ephemeral `algorithmia_secret`, and write `ephemeral.algorithmia_secret.NAME.secret`.";
  return [{ ...error("That is no key's secret", detail), path }];
}

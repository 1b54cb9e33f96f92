import {
  makeToken,
  tokenDigest,
  tokenFingerprint,
  tokenMask,
  type RandomBytes,
  type Sha256,
} from "../../core/token.ts";
import { attribute } from "../framework/attribute.ts";
import type { EphemeralResource } from "../framework/provider-definition.ts";

/** `algorithmia_secret`: a secret of the form that keys have, drawn for one run. */
export function secretEphemeral(random: RandomBytes, sha256: Sha256): EphemeralResource {
  return {
    description:
      "A secret for a key, drawn anew in each run and kept in no plan and no state. Feed it to `secret_wo` of a key and, in " +
      "the same apply, to the write-only argument of whatever is to hold it. It counts only when `secret_wo_version` changes: " +
      "change the version at both ends together.",
    attributes: {
      secret: attribute("string", "provider", "The secret.", { sensitive: true }),
      mask: attribute("string", "provider", "Its first characters, as the key's `mask` will show them."),
      fingerprint: attribute(
        "string",
        "provider",
        "The first 16 digits of its SHA-256, as the key's `fingerprint` will be.",
      ),
    },
    open: () => {
      const token = makeToken("caller", random);
      const fingerprint = tokenFingerprint(tokenDigest(token, sha256));
      return { ok: true, value: { secret: token.reveal(), mask: tokenMask(token), fingerprint }, diagnostics: [] };
    },
  };
}

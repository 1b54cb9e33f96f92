import { KeyApiError } from "../../api/errors.ts";
import { readOriginalPermissions, type OriginalAccess } from "../../api/original-permissions.ts";
import { Secret } from "../../core/secret.ts";
import { tokenKind } from "../../core/token.ts";
import { isPlainText, isRecord, SPEC_LIMITS } from "../check-spec.ts";

/** What a client of the original asks for when it makes a key. */
export interface OriginalRequest {
  /** Free text; undefined if it sent none. */
  readonly label: string | undefined;
  readonly access: OriginalAccess;
  /** The secret that an import brings along. */
  readonly token: Secret | undefined;
}

/**
 * Reads the body of a route that makes a key: `key_label`, `key_type`, `permissions`, and for an import `api_key`. Which
 * of the first two must be there differs between the original's routes; here neither must. Throws `invalid` with
 * everything that is wrong.
 */
export function readOriginalRequest(body: unknown, isImport: boolean): OriginalRequest {
  if (!isRecord(body)) throw new KeyApiError("invalid", "The body must be a JSON object.");
  const { key_label: label, key_type: type, permissions, api_key: token } = body;
  const read = readOriginalPermissions(permissions);
  const problems = [
    ...Object.keys(body)
      .filter((field) => !FIELDS.includes(field) && !(isImport && field === "api_key"))
      .map((field) => `${field.slice(0, 64)} is unknown`),
    ...(label === undefined || isPlainText(label, SPEC_LIMITS.labelValue) ? [] : [LABEL_PROBLEM]),
    ...(type === undefined || type === "AlgorithmKey" ? [] : [TYPE_PROBLEM]),
    ...(isImport && !isCallerToken(token) ? [TOKEN_PROBLEM] : []),
    ...("problems" in read ? read.problems : []),
  ];
  if (problems.length > 0 || "problems" in read) throw new KeyApiError("invalid", `${problems.join("; ")}.`);
  return {
    label: typeof label === "string" ? label : undefined,
    access: read.access,
    token: isImport && typeof token === "string" ? new Secret(token) : undefined,
  };
}

const FIELDS: readonly string[] = ["key_label", "key_type", "permissions"];

const LABEL_PROBLEM = `key_label must be text of at most ${SPEC_LIMITS.labelValue} characters`;

const TYPE_PROBLEM = "key_type must be AlgorithmKey; admin keys are made by /v2/admin-keys or algokeys admin";

/** It repeats nothing of the token. */
const TOKEN_PROBLEM =
  "api_key must be a key of this platform's form, with the checksum that it has; another could never be used here";

function isCallerToken(token: unknown): boolean {
  return typeof token === "string" && tokenKind(token) === "caller";
}

import { originalPermissions, type OriginalPermissions } from "../../api/original-permissions.ts";
import type { ApiKey } from "../../core/api-key.ts";
import { NAME_PATTERN } from "../../core/key-name.ts";
import type { KeySpec } from "../../core/key-spec.ts";
import type { Secret } from "../../core/secret.ts";

/** A key as the original platform tells of it (`ApiKey` of its published schema). */
export interface OriginalKey {
  /** Whom it was made for: the account itself, or the member named when it was made. */
  readonly username: string;
  readonly key_label: string;
  readonly created_at: string;
  readonly api_key_mask: string;
  /** The key's secret in the answer that makes it, and never again: elsewhere the mask, because clients require it. */
  readonly api_key: string;
  readonly key_type: "AlgorithmKey";
  readonly permissions: OriginalPermissions;
  readonly owner_name: string;
}

/** Labels of a spec that keep what only the original knows of a key. */
const LABEL = "original.label";
const ASSIGNEE = "original.assignee";

/** The labels under which what the original says beside permissions is kept; none if the name says it already. */
export function originalLabels(
  name: string,
  label: string | undefined,
  assignee: string | undefined,
): KeySpec["labels"] {
  return {
    ...(label === undefined || label === name ? {} : { [LABEL]: label }),
    ...(assignee === undefined ? {} : { [ASSIGNEE]: assignee }),
  };
}

/**
 * Tells of a key at the moment `now` (milliseconds). The mask is that of its newest credential that works; a key without
 * one has an empty mask.
 */
export function originalKey(
  key: Pick<ApiKey, "account" | "name" | "spec" | "createdAt" | "credentials">,
  now: number,
  secret?: Secret,
): OriginalKey {
  const { account, name, spec, createdAt, credentials } = key;
  const working = credentials.findLast(
    ({ revokedAt, retiresAt }) => revokedAt === null && (retiresAt === null || now < Date.parse(retiresAt)),
  );
  const mask = working?.mask ?? "";
  return {
    username: spec.labels[ASSIGNEE] ?? account,
    key_label: spec.labels[LABEL] ?? name,
    created_at: createdAt,
    api_key_mask: mask,
    api_key: secret === undefined ? mask : secret.reveal(),
    key_type: "AlgorithmKey",
    permissions: originalPermissions(spec, now),
    owner_name: account,
  };
}

/** The longest name that {@link NAME_PATTERN} allows. */
const NAME_LENGTH = 64;

/** The name that stands for a free text: the text itself if it is a name, else as near to it as a name can be. */
export function nameOfLabel(label: string | undefined): string {
  if (label === undefined) return "key";
  if (NAME_PATTERN.test(label)) return label;
  const plain = label.normalize("NFKD").replaceAll(/\p{M}/gu, "");
  const near = plain.replaceAll(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "");
  return near.slice(0, NAME_LENGTH).replace(/[-._]+$/, "") || "key";
}

/** The first of `name`, `name-2`, `name-3`... that is not taken; `taken` holds names in lower case. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name.toLowerCase())) return name;
  for (let number = 2; ; number += 1) {
    const suffix = `-${number}`;
    const numbered = name.slice(0, NAME_LENGTH - suffix.length) + suffix;
    if (!taken.has(numbered.toLowerCase())) return numbered;
  }
}

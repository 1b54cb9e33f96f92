import { ACCOUNT_PATTERN, NAME_PATTERN, nameKey } from "../core/key-name.ts";
import type { ManifestKey } from "../core/manifest.ts";
import { nameWording } from "./check-fields.ts";
import { asWritten, problemIn, type DeclarationFile } from "./declaration-file.ts";
import { shownValue } from "./explain-value.ts";
import { AT_NAME, type Problem, type Problems, type RelatedProblem, type Wording } from "./problem.ts";

/** Where a key is declared. */
export interface DeclaredKey {
  readonly from: DeclarationFile;
  readonly key: ManifestKey;
}

/** The account or project that the files state; all that do must agree. Undefined if there is a problem with it. */
export function joinedName(
  files: readonly DeclarationFile[],
  field: "account" | "project",
  complete: boolean,
  problems: Problems,
): string | undefined {
  const path = [field];
  let first: DeclarationFile | undefined;
  let blanked = false;
  for (const from of files) {
    const name = from.declaration[field];
    if (name === undefined) {
      blanked ||= field in from.declaration;
      continue;
    }
    const valid = (field === "account" ? ACCOUNT_PATTERN : NAME_PATTERN).test(name);
    const shown = asWritten(from, path, name);
    if (!valid)
      problems.push(
        problemIn(from, path, field === "account" ? accountWording(shown) : nameWording(field, name, shown)),
      );
    if (first === undefined) first = from;
    else if (first.declaration[field] !== name) problems.push(conflict(from, first, field, shown));
  }
  const name = first?.declaration[field];
  const [anyFile] = files;
  if (name === undefined && complete && !blanked && anyFile !== undefined) {
    const wording = {
      code: "missing-field",
      summary: files.length === 1 ? `the file does not state \`${field}\`` : `no file states \`${field}\``,
      fix:
        field === "account"
          ? "Add `account: NAME`, the owner of the keys."
          : "Add `project: NAME`, who manages the keys.",
    } as const;
    problems.push(problemIn(anyFile, path, wording, { mark: { type: "start" } }));
  }
  return name;
}

function accountWording(shown: string): Wording {
  const fix = "Write the name of the user or organization: letters, digits and `_`, at most 30, a letter first.";
  return { code: "invalid-name", summary: `${shownValue(shown)} cannot name an account`, fix };
}

function conflict(from: DeclarationFile, first: DeclarationFile, field: string, shown: string): Problem {
  const apart = from.file.filename.endsWith(".tf.json")
    ? "take one stack at a time: --stack NAME"
    : "read them in separate runs";
  const wording = {
    code: "conflicting-files",
    summary: `this file states another ${field} than ${first.file.filename}: ${shownValue(shown)}`,
    fix: `Files that are read together make one declaration: state it once, or ${apart}.`,
  } as const;
  return problemIn(from, [field], wording, { related: [firstPlace(`the first ${field}`, first, [field], "value")] });
}

function firstPlace(
  message: string,
  { file }: DeclarationFile,
  path: readonly string[],
  type: "value" | "name",
): RelatedProblem {
  return { message, file, path, mark: { type } };
}

/** Checks the name of a key and that no key before it has that name, ignoring case. */
export function checkName(
  from: DeclarationFile,
  name: string,
  known: Map<string, DeclarationFile | DeclaredName>,
  problems: Problems,
): void {
  if (!NAME_PATTERN.test(name))
    problems.add(from.file, "invalid-name", () =>
      problemIn(from, ["keys", name], nameWording("key", name, name), { mark: AT_NAME }),
    );
  const folded = nameKey(name);
  const first = known.get(folded);
  if (first === undefined) {
    // Nearly every name is its own folded form: then the file alone says it all, and nothing is made for the key.
    known.set(folded, folded === name ? from : { from, name });
    return;
  }
  const before = "name" in first ? first : { from: first, name: folded };
  const wording = {
    code: "duplicate-key",
    summary: `the key \`${name}\` is declared twice`,
    ...(before.name !== name && {
      detail: `Names are compared ignoring case, and \`${before.name}\` is declared too.`,
    }),
    fix: "Rename or remove one of the two.",
  } as const;
  const related = [firstPlace("first declared here", before.from, ["keys", before.name], "name")];
  problems.push(problemIn(from, ["keys", name], wording, { mark: AT_NAME, related }));
}

/** A name as it is spelled, and where. */
export interface DeclaredName {
  readonly from: DeclarationFile;
  readonly name: string;
}

/** Checks that each rename leads from a name that is free to another: not its own, not still declared, not twice. */
export function checkRenames(
  renames: readonly DeclaredKey[],
  declares: (folded: string) => boolean,
  problems: Problems,
): void {
  const renamedAway = new Set(renames.map(({ key }) => nameKey(key.name)));
  const sources = new Map<string, DeclaredKey>();
  for (const renamed of renames) {
    const { from, key } = renamed;
    const before = key.renamedFrom ?? "";
    const path = ["keys", key.name, "renamed_from"];
    const shown = asWritten(from, path, before);
    const folded = nameKey(before);
    const first = sources.get(folded);
    if (!NAME_PATTERN.test(before)) problems.push(problemIn(from, path, nameWording("key", before, shown)));
    else if (before === key.name)
      problems.push(
        problemIn(from, path, rename(`the key \`${key.name}\` is renamed from itself`, "Take `renamed_from` away.")),
      );
    else if (first !== undefined) {
      const summary = `two keys are renamed from ${shownValue(shown)}`;
      const related = [firstPlace("the other one", first.from, ["keys", first.key.name, "renamed_from"], "value")];
      problems.push(
        problemIn(
          from,
          path,
          rename(summary, "Only one of them can be that key; take `renamed_from` away from the other."),
          { related },
        ),
      );
    } else if (folded !== nameKey(key.name) && declares(folded) && !renamedAway.has(folded)) {
      const summary = `the key is renamed from ${shownValue(shown)}, which is still declared`;
      problems.push(problemIn(from, path, rename(summary, "Remove that key's block, or take `renamed_from` away.")));
    }
    sources.set(folded, first ?? renamed);
  }
}

function rename(summary: string, fix: string): Wording {
  return { code: "invalid-rename", summary, fix };
}

import { CLIENT_ID_PATTERN, type ChangeSet, type KeyChange, type NewCredential } from "../api/change-set.ts";
import { KeyApiError, type ChangeProblem } from "../api/errors.ts";
import { NAME_PATTERN } from "../core/key-name.ts";
import type { KeySpec } from "../core/key-spec.ts";
import { holdsToken, MASK_PATTERN } from "../core/token.ts";
import { checkSpec, isPlainText, isRecord } from "./check-spec.ts";

/** A change set whose form is right, as far as `problems` does not say otherwise. */
export interface CheckedChangeSet {
  readonly id: string;
  readonly project: string | null;
  readonly message: string;
  /** The changes as they are to be judged; undefined where `problems` says what is wrong with the form. */
  readonly changes: readonly (KeyChange | undefined)[];
  readonly problems: readonly ChangeProblem[];
  readonly fence?: number;
  readonly from?: string;
  readonly asked?: string;
}

/** The longest message of a change set, and the longest word of where it comes from. */
const MESSAGE_LENGTH = 500;
const FROM_LENGTH = 200;

/**
 * Checks the form of a change set, which may have come over a wire. Total but for {@link KeyApiError} `invalid`, which
 * it throws for what belongs to no single change.
 */
export function checkChangeSet(changeSet: ChangeSet): CheckedChangeSet {
  const { id, project, message } = changeSet;
  const sent: unknown = changeSet.changes;
  if (!matches(id, CLIENT_ID_PATTERN))
    throw invalid("The id of a change set must be 16 to 64 letters, digits, - or _.");
  if (holdsToken(`${id} ${project ?? ""} ${message}`)) throw invalid(`A change set holds ${TOKEN_PROBLEM}.`);
  if (project !== null && !matches(project, NAME_PATTERN)) throw invalid("The project of a change set must be a name.");
  if (!isPlainText(message, MESSAGE_LENGTH)) {
    throw invalid(`The message of a change set must be text of at most ${MESSAGE_LENGTH} characters.`);
  }
  if (!Array.isArray(sent)) throw invalid("The changes of a change set must be a list.");
  const problems: ChangeProblem[] = [];
  const changes = sent.map((value: unknown, position) => {
    const change = checkChange(value, project);
    const problem = typeof change === "string" ? change : tokenProblem(change);
    if (typeof change !== "string" && problem === undefined) return change;
    problems.push({ change: position, code: "invalid", message: `${named(value)}: ${problem}.` });
    return undefined;
  });
  const { asked, fence, from } = changeSet;
  if (fence !== undefined && (project === null || !Number.isSafeInteger(fence))) {
    throw invalid("The fence of a change set must be a whole number, and belongs to a project's lease.");
  }
  if (from !== undefined && (!isPlainText(from, FROM_LENGTH) || holdsToken(from))) {
    throw invalid(`Where a change set comes from must be text of at most ${FROM_LENGTH} characters, without a token.`);
  }
  const told = from === undefined ? {} : { from };
  const more = { ...told, ...(asked === undefined ? {} : { asked }), ...(fence === undefined ? {} : { fence }) };
  return { id, project, message, changes, problems, ...more };
}

/** Checks a credential as its maker sent it; the problem as the end of a sentence. */
export function checkCredential(value: unknown): NewCredential | string {
  if (!isRecord(value)) return "the credential must be an object";
  const { id, digest, mask } = value;
  if (!matches(id, CLIENT_ID_PATTERN)) return "the credential's id must be 16 to 64 letters, digits, - or _";
  if (!matches(digest, /^[0-9a-f]{64}$/)) return "the credential's digest must be 64 lower-case hexadecimal digits";
  // Keys are for callers: an admin's token among them would never be let in, and its holder would not know why.
  if (!matches(mask, MASK_PATTERN) || !mask.startsWith("sim")) {
    return "the credential's mask must be the first 7 characters of a caller's token, then 21 *";
  }
  return { id, digest, mask };
}

function checkChange(value: unknown, project: string | null): KeyChange | string {
  if (!isRecord(value)) return "a change must be an object";
  const action = value["action"] as KeyChange["action"];
  switch (action) {
    case "create":
      return checkCreate(value, project);
    case "update":
      return checkUpdate(value, project);
    case "delete":
    case "restore": {
      const key = checkOnKey(value);
      return typeof key === "string" ? key : { action, ...key };
    }
    case "add-credential": {
      const key = checkOnKey(value);
      if (typeof key === "string") return key;
      const credential = checkCredential(value["credential"]);
      return typeof credential === "string" ? credential : { action, ...key, credential };
    }
    case "acknowledge":
    case "revoke-credential": {
      const { id, credential } = value;
      if (typeof id !== "string" || typeof credential !== "string") return "id and credential must be text";
      return { action, id, credential };
    }
    default:
      return "the action is unknown";
  }
}

type Ownership = { readonly project: string } | null;

function checkCreate(value: Readonly<Record<string, unknown>>, project: string | null): KeyChange | string {
  const { name, renamedFrom } = value;
  if (!matches(name, NAME_PATTERN)) return NAME_PROBLEM;
  if (renamedFrom !== undefined && !matches(renamedFrom, NAME_PATTERN)) return "renamedFrom must be a key's name";
  const checked = checkSpec(value["spec"]);
  if ("problem" in checked) return checked.problem;
  const managedBy = checkOwnership(value["managedBy"], project);
  if (typeof managedBy === "string") return managedBy;
  const credential = value["credential"] === null ? null : checkCredential(value["credential"]);
  if (typeof credential === "string") return credential;
  const from = renamedFrom === undefined ? {} : { renamedFrom };
  return { action: "create", name, spec: checked.spec, managedBy, credential, ...from };
}

function checkUpdate(value: Readonly<Record<string, unknown>>, project: string | null): KeyChange | string {
  const key = checkOnKey(value);
  if (typeof key === "string") return key;
  const change: { name?: string; spec?: KeySpec; managedBy?: Ownership; takenFrom?: string } = {};
  if (value["name"] !== undefined) {
    if (!matches(value["name"], NAME_PATTERN)) return NAME_PROBLEM;
    change.name = value["name"];
  }
  if (value["spec"] !== undefined) {
    const checked = checkSpec(value["spec"]);
    if ("problem" in checked) return checked.problem;
    change.spec = checked.spec;
  }
  if (value["managedBy"] !== undefined) {
    const managedBy = checkOwnership(value["managedBy"], project);
    if (typeof managedBy === "string") return managedBy;
    change.managedBy = managedBy;
  }
  const { takenFrom } = value;
  if (takenFrom !== undefined) {
    if (!matches(takenFrom, NAME_PATTERN) || takenFrom === project) return "takenFrom must name another project";
    if (project === null || change.managedBy?.project !== project) {
      return "takenFrom needs managedBy to name the change set's own project";
    }
    change.takenFrom = takenFrom;
  }
  return { action: "update", ...key, ...change };
}

/** A project marks only its own keys; taking the mark off is open to it and to changes by hand. */
function checkOwnership(value: unknown, project: string | null): Ownership | string {
  if (value === null) return null;
  if (!isRecord(value) || !matches(value["project"], NAME_PATTERN)) return "managedBy must be null or name a project";
  if (value["project"] !== project) return "managedBy must be null or the change set's own project";
  return { project: value["project"] };
}

function checkOnKey(value: Readonly<Record<string, unknown>>): { id: string; revision: number } | string {
  const { id, revision } = value;
  if (typeof id !== "string") return "id must be text";
  if (typeof revision !== "number" || !Number.isSafeInteger(revision)) return "revision must be a whole number";
  return { id, revision };
}

/** What is kept of a key is shown to everyone who may see it. */
function tokenProblem(change: KeyChange): string | undefined {
  if (change.action !== "create" && change.action !== "update") return undefined;
  const { name = "", spec } = change;
  const renamedFrom = change.action === "create" ? (change.renamedFrom ?? "") : "";
  const { description = "", origins, labels = {} } = spec ?? {};
  const texts = [name, renamedFrom, description, JSON.stringify(labels), JSON.stringify(origins?.web ?? "")];
  return texts.some(holdsToken) ? `it holds ${TOKEN_PROBLEM}` : undefined;
}

const TOKEN_PROBLEM = "what looks like a key's secret. Write none into names, texts or labels, and replace that key";

const NAME_PROBLEM =
  "the name must be 1 to 64 letters, digits, dots, dashes or underscores, and begin with a letter or a digit";

/** How a change is called in a message before it is known to be one. */
function named(value: unknown): string {
  const { name, id } = isRecord(value) ? value : {};
  const word = typeof name === "string" ? name : typeof id === "string" ? id : "change";
  return JSON.stringify(word.slice(0, 64));
}

function matches(value: unknown, pattern: RegExp): value is string {
  return typeof value === "string" && pattern.test(value);
}

function invalid(message: string): KeyApiError {
  return new KeyApiError("invalid", message);
}

import { declaredSpec, originsOf, specOf, type DeclaredSpec } from "../core/declared-spec.ts";
import type { KeySpec } from "../core/key-spec.ts";
import { Secret } from "../core/secret.ts";
import type { ChangeSet, KeyChange, NewCredential } from "./change-set.ts";
import { KeyApiError, type ChangeProblem } from "./errors.ts";
import type { Caller, NewAccount } from "./key-api.ts";
import type { LeaseGrip, LeaseRequest } from "./lease.ts";
import { MalformedRequest } from "./problem.ts";
import { ROUTES } from "./routes.ts";
import { schemaFault, type Validator } from "./schema-fault.ts";
import {
  validateChange,
  validateChangeSet,
  validateKeyPatch,
  validateLeaseGrip,
  validateLeaseRequest,
  validateNewAccount,
  validateNewAdminKey,
  validateNewKey,
  validateVerifyRequest,
} from "./validate-requests.generated.ts";

// What a server is asked, as JSON that was parsed, becomes what the port takes. Readers throw MalformedRequest for what
// has another form than the API's description says, and `invalid` for origins that mean nothing; the forms of names,
// patterns and digests are the service's to judge.

/** In whose name a single-key route commits, and why. */
interface CommitFacts {
  readonly project: string | null;
  readonly message: string;
}

/** A key to be made by a single-key route. */
export interface NewKey extends CommitFacts {
  readonly name: string;
  readonly spec: KeySpec;
  readonly managedBy: { readonly project: string } | null;
  readonly credential: NewCredential | null;
}

/** What a single-key route is to change; what is absent stays. */
export interface KeyPatch extends CommitFacts {
  readonly name?: string;
  /** Each stated field replaces the whole of that field; {@link patchedSpec} applies it. */
  readonly spec?: DeclaredSpec;
  readonly managedBy?: { readonly project: string } | null;
}

/** An admin key to be made; its maker has drawn the token. */
export interface NewAdminKeyRequest {
  readonly name: string;
  readonly role: Caller["role"];
  readonly account: string | null;
  readonly expires: string | null;
  readonly digest: string;
  readonly mask: string;
}

/** The question whether a key may make a request. */
export interface VerifyRequest {
  readonly presented:
    { readonly type: "token"; readonly token: Secret } | { readonly type: "digest"; readonly digest: string };
  readonly request: {
    readonly method: string;
    /** Path and query as they were sent. */
    readonly uri: string;
    readonly headers: readonly (readonly [name: string, value: string])[];
  };
}

/** At most so many changes of one change set are said to be malformed. */
const MOST_PROBLEMS = 1000;

/** Reads a change set. What is wrong with single changes is said for all of them at once. */
export function readChangeSet(value: unknown): ChangeSet {
  const sent = shaped(validateChangeSet, value) as Omit<ChangeSet, "changes"> & {
    readonly changes: readonly unknown[];
  };
  const problems: ChangeProblem[] = [];
  for (const [position, change] of sent.changes.entries()) {
    const fault = schemaFault(validateChange, change, "the change");
    if (fault === undefined) continue;
    problems.push({ change: position, code: "invalid", message: `${nameOf(change)}: ${fault}.` });
    if (problems.length === MOST_PROBLEMS) break;
  }
  if (problems.length > 0) throw new MalformedRequest(summary(problems), problems);

  const changes = sent.changes.map((change, position) => {
    const read = domainChange(change as { readonly spec?: DeclaredSpec }); // its shape was checked above
    if (typeof read !== "string") return read;
    problems.push({ change: position, code: "invalid", message: `${nameOf(change)}: ${read}.` });
    return undefined;
  });
  if (problems.length > 0) throw new KeyApiError("invalid", summary(problems), { problems });
  return { ...sent, changes: changes.filter((change) => change !== undefined) };
}

/** Reads an account to be made. */
export function readNewAccount(value: unknown): NewAccount {
  return shaped(validateNewAccount, value) as NewAccount;
}

/** Reads the question for a lease. */
export function readLeaseRequest(value: unknown): LeaseRequest {
  return shaped(validateLeaseRequest, value) as LeaseRequest;
}

/** Reads what proves that a lease is the caller's. */
export function readLeaseGrip(value: unknown): LeaseGrip {
  return shaped(validateLeaseGrip, value) as LeaseGrip;
}

/** Reads a key to be made. */
export function readNewKey(value: unknown): NewKey {
  const sent = shaped(validateNewKey, value) as Pick<NewKey, "name"> & { readonly spec: DeclaredSpec } & Partial<
      Omit<NewKey, "spec">
    >;
  const { name, spec, managedBy = null, credential = null, project = null, message = "" } = sent;
  return { name, spec: meantSpec(spec), managedBy, credential, project, message };
}

/** Reads what is to change of a key. */
export function readKeyPatch(value: unknown): KeyPatch {
  return { project: null, message: "", ...(shaped(validateKeyPatch, value) as Partial<KeyPatch>) };
}

/** The spec that a patch makes of a key's spec. Throws `invalid` for origins that mean nothing. */
export function patchedSpec(spec: KeySpec, patch: DeclaredSpec): KeySpec {
  return meantSpec({ ...declaredSpec(spec), ...patch });
}

/** Reads an admin key to be made. */
export function readNewAdminKey(value: unknown): NewAdminKeyRequest {
  return shaped(validateNewAdminKey, value) as NewAdminKeyRequest;
}

/** Reads the question whether a key may make a request. The token is wrapped at once, so that nothing prints it. */
export function readVerifyRequest(value: unknown): VerifyRequest {
  const sent = shaped(validateVerifyRequest, value) as {
    token?: string;
    digest?: string;
    request: VerifyRequest["request"];
  };
  const { token, digest, request } = sent;
  if (token !== undefined && digest === undefined) {
    return { presented: { type: "token", token: new Secret(token) }, request };
  }
  if (digest !== undefined && token === undefined) return { presented: { type: "digest", digest }, request };
  throw new MalformedRequest("The request is malformed: it must state either token or digest.");
}

/** The change, or what is wrong with its origins, as a clause. Its shape was checked: only specs differ on the wire. */
function domainChange(change: { readonly spec?: DeclaredSpec }): KeyChange | string {
  if (change.spec === undefined) return change as KeyChange;
  return originsProblem(change.spec) ?? ({ ...change, spec: specOf(change.spec) } as KeyChange);
}

function meantSpec(declared: DeclaredSpec): KeySpec {
  const problem = originsProblem(declared);
  if (problem !== undefined) throw new KeyApiError("invalid", `The spec makes no sense: ${problem}.`);
  return specOf(declared);
}

function originsProblem({ origins }: DeclaredSpec): string | undefined {
  if (originsOf(origins) !== undefined) return undefined;
  const nobody = origins?.referrers === undefined;
  return nobody ? "origins must allow native or web callers" : "origins.referrers needs origins.web to be true";
}

/** The value, once its compiled schema has found the shape that the caller's type says. */
function shaped(validate: Validator, value: unknown): unknown {
  const fault = schemaFault(validate, value, "the body");
  if (fault === undefined) return value;
  throw new MalformedRequest(`The request is malformed: ${fault}. GET ${ROUTES.openapi} describes it.`);
}

function summary(problems: readonly ChangeProblem[]): string {
  const more = problems.length === 1 ? "" : ` (and ${problems.length - 1} more)`;
  return `${problems[0]?.message ?? ""}${more} Nothing was changed.`;
}

/** How a change is called before it is known to be one. */
function nameOf(change: unknown): string {
  const { name, id } = (change ?? {}) as { readonly name?: unknown; readonly id?: unknown }; // both are tested below
  const word = typeof name === "string" ? name : typeof id === "string" ? id : "change";
  return JSON.stringify(word.slice(0, 64));
}

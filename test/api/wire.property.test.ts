import fc from "fast-check";
import { expect, test } from "vitest";
import { errorOf, problemOf } from "../../src/api/problem.ts";
import {
  readAccount,
  readApiKey,
  readCaller,
  readChangePage,
  readChangeSetPage,
  readCommitResult,
  readKeyPage,
  readProblem,
} from "../../src/api/wire-answers.ts";
import { patchedSpec, readChangeSet, readNewAccount, readNewKey } from "../../src/api/wire-requests.ts";
import { wireChangePage, wireChangeSet, wireKey, wireKeyPage } from "../../src/api/wire.ts";
import { declaredSpec } from "../../src/core/declared-spec.ts";
import { arbitraryDeclaredSpec, arbitraryKeySpec } from "../support/arbitraries.ts";
import { schemaErrors } from "./description.ts";
import {
  arbitraryAccount,
  arbitraryApiKey,
  arbitraryCaller,
  arbitraryChangeSet,
  arbitraryCommitResult,
  arbitraryCursor,
  arbitraryError,
  arbitraryNewAccount,
  arbitraryRecord,
  arbitraryRecordedChange,
} from "./wire-arbitraries.ts";

const LONG = process.env["ALGOKEYS_LONG"] === "1";
const RUNS = { numRuns: LONG ? 20_000 : 300 };

/** What arrives at the other end. It is valid against the whole published schema of that name. */
function sent(schema: string, value: unknown): unknown {
  const arrived = JSON.parse(JSON.stringify(value)) as unknown;
  expect(schemaErrors(schema, arrived)).toEqual([]);
  return arrived;
}

test("a key comes out of the wire as it went in", () => {
  const property = fc.property(arbitraryApiKey, (key) => {
    expect(readApiKey(sent("ApiKey", wireKey(key)))).toEqual(key);
  });
  fc.assert(property, RUNS);
});

test("a page of keys comes out of the wire as it went in", () => {
  const keys = fc.array(arbitraryApiKey, { maxLength: 3 });
  const page = fc.record({ keys, nextCursor: arbitraryCursor, revision: fc.nat(), total: fc.nat() });
  const property = fc.property(page, (value) => {
    expect(readKeyPage(sent("KeyPage", wireKeyPage(value)))).toEqual(value);
  });
  fc.assert(property, RUNS);
});

test("a change set comes out of the wire as it went in", () => {
  const property = fc.property(arbitraryChangeSet, (changeSet) => {
    expect(readChangeSet(sent("ChangeSet", wireChangeSet(changeSet)))).toEqual(changeSet);
  });
  fc.assert(property, RUNS);
});

test("the changes of a change set come out of the wire as they went in", () => {
  const page = fc.record({ changes: fc.array(arbitraryRecordedChange, { maxLength: 3 }), nextCursor: arbitraryCursor });
  const property = fc.property(page, (value) => {
    expect(readChangePage(sent("ChangePage", wireChangePage(value)))).toEqual(value);
  });
  fc.assert(property, RUNS);
});

test("results, history, accounts and callers are JSON as they stand", () => {
  const page = fc.record({ changeSets: fc.array(arbitraryRecord, { maxLength: 3 }), nextCursor: arbitraryCursor });
  const values = fc.tuple(arbitraryCommitResult, page, arbitraryAccount, arbitraryCaller, arbitraryNewAccount);
  const property = fc.property(values, ([result, history, account, caller, newAccount]) => {
    expect(readCommitResult(sent("CommitResult", result))).toEqual(result);
    expect(readChangeSetPage(sent("ChangeSetPage", history))).toEqual(history);
    expect(readAccount(sent("Account", account))).toEqual(account);
    expect(readCaller(sent("Caller", caller))).toEqual(caller);
    expect(readNewAccount(sent("NewAccount", newAccount))).toEqual(newAccount);
  });
  fc.assert(property, RUNS);
});

test("an error comes out of the wire as it went in, but for its cause", () => {
  const property = fc.property(arbitraryError, (error) => {
    const { code, message, retryable, retryAfter, problems } = errorOf(
      readProblem(sent("Problem", problemOf(error, "req-1"))),
    );
    expect({ code, message, retryable, retryAfter, problems }).toEqual({
      code: error.code,
      message: error.message,
      retryable: error.retryable,
      retryAfter: error.retryAfter,
      problems: error.problems,
    });
  });
  fc.assert(property, RUNS);
});

test("a spec means the same however much of it is left to its defaults", () => {
  const property = fc.property(arbitraryDeclaredSpec, (spec) => {
    const written = { algorithms: [], ...spec };
    const whole = declaredSpec(readNewKey(sent("NewKey", { name: "web", spec: written })).spec);
    expect(readNewKey(sent("NewKey", { name: "web", spec: whole })).spec).toEqual(
      readNewKey(sent("NewKey", { name: "web", spec: written })).spec,
    );
  });
  fc.assert(property, RUNS);
});

test("a patch sets the fields that it states and leaves the others", () => {
  const property = fc.property(
    arbitraryKeySpec,
    arbitraryKeySpec,
    fc.subarray(["data", "origins", "labels"]),
    (spec, wanted, fields) => {
      const patch = Object.fromEntries(
        Object.entries(declaredSpec(wanted)).filter(([field]) => fields.includes(field)),
      );
      const expected = Object.fromEntries(Object.entries(wanted).filter(([field]) => fields.includes(field)));
      expect(patchedSpec(spec, patch)).toEqual({ ...spec, ...expected });
    },
  );
  fc.assert(property, RUNS);
});

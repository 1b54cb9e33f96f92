import type { AttributePath } from "../core/attribute-path.ts";
import type { AccessTest } from "../core/access-test.ts";
import { ALGORITHM_SCHEME, parseAlgorithmCall } from "../core/algorithm-pattern.ts";
import { readOrigin } from "../core/caller-origin.ts";
import { asWritten, problemIn, type DeclarationFile, type Sound } from "./declaration-file.ts";
import type { TestDeclaration } from "./declaration.generated.ts";
import { shownValue } from "./explain-value.ts";
import { AT_VALUE, type Problems, type Wording } from "./problem.ts";

/** The access tests of a key; what is wrong with one leaves it out. */
export function resolveTests(
  from: DeclarationFile,
  key: string,
  tests: readonly (Sound<TestDeclaration> | undefined)[],
  problems: Problems,
): AccessTest[] {
  const resolved: AccessTest[] = [];
  for (const [index, test] of tests.entries()) {
    if (test?.expect === undefined) continue; // told by the schema
    const { call, data, origin, expect } = test;
    const path: AttributePath = ["keys", key, "tests", index];
    const found = problems.count;
    if ("call" in test === "data" in test) {
      problems.add(from.file, "invalid-value", () =>
        problemIn(from, path, requestWording("call" in test), { mark: AT_VALUE }),
      );
    }
    if (call !== undefined && !isCall(call)) {
      problems.add(from.file, "invalid-algorithm", () => {
        const at = [...path, "call"];
        const summary = `${shownValue(asWritten(from, at, call))} is no call of an algorithm`;
        const fix = "Write `algo://owner/name` or `algo://owner/name/version`.";
        return problemIn(from, at, { code: "invalid-algorithm", summary, fix });
      });
    }
    if (origin !== undefined && typeof readOrigin(origin) === "string") {
      problems.add(from.file, "invalid-value", () => {
        const at = [...path, "origin"];
        const summary = `${shownValue(asWritten(from, at, origin))} is no web origin as browsers send it`;
        const fix = "Write scheme and host in lower case without a path: `https://shop.example.com`.";
        return problemIn(from, at, { code: "invalid-value", summary, fix });
      });
    }
    if (problems.count === found) resolved.push({ call, data, origin, expect });
  }
  return resolved;
}

function requestWording(names: boolean): Wording {
  const summary = names ? "the test names both `call` and `data`" : "the test names neither `call` nor `data`";
  const fix = "Write `call: algo://owner/name` or `data: read`; one test is one request.";
  return { code: "invalid-value", summary, fix };
}

function isCall(text: string): boolean {
  return (
    text.startsWith(ALGORITHM_SCHEME) && typeof parseAlgorithmCall(text.slice(ALGORITHM_SCHEME.length)) !== "string"
  );
}

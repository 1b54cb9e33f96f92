import type { IConstruct } from "constructs";
import type { IAspect } from "#cdk";
import { canonicalAlgorithm } from "../core/canonical.ts";
import { cdk } from "./cdk.ts";
import { declaredKeysOf } from "./declared-keys.ts";
import { isKnownLater } from "./literal.ts";

/** What is allowed all the same. */
export interface ForbidWildcardConfig {
  /** Patterns such as `algo://acme/*`. Default: none. */
  readonly except?: readonly string[] | undefined;
}

/** Ends the synthesis at keys that may call every algorithm, or every one of an owner. */
export class ForbidWildcard implements IAspect {
  readonly #allowed: ReadonlySet<string>;

  constructor({ except = [] }: ForbidWildcardConfig = {}) {
    this.#allowed = new Set(except.map(canonicalAlgorithm));
  }

  visit(construct: IConstruct): void {
    for (const { label, fields } of declaredKeysOf(construct)) {
      if (isKnownLater(fields.algorithms)) continue;
      for (const [index, pattern] of fields.algorithms.entries()) {
        if (isKnownLater(pattern) || !/^algo:\/\/(?:\*|[^/]+\/\*)$/.test(pattern)) continue;
        if (this.#allowed.has(canonicalAlgorithm(pattern))) continue;
        const reach = pattern === "algo://*" ? "every algorithm" : "every algorithm of that owner";
        cdk.Annotations.of(construct).addError(
          `${label}algorithms[${String(index)}]: ${pattern} allows ${reach}. Name the algorithms: \`algo://owner/name\`.`,
        );
      }
    }
  }
}

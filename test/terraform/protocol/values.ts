import fc from "fast-check";
import type { CtyType } from "../../../src/terraform/protocol/cty-type.ts";
import {
  DecimalNumber,
  DynamicallyTyped,
  UNKNOWN,
  Unknown,
  type CtyValue,
} from "../../../src/terraform/protocol/cty-value.ts";

const names = fc.oneof(
  fc.constantFrom("", "name", "a.b", "constructor", "toString", "hasOwnProperty", "é", "💥"),
  fc.string({ maxLength: 8 }).filter((name) => name !== "__proto__"),
);

/** Any type of Terraform's, to a depth that tests can hold. */
export const arbitraryType: fc.Arbitrary<CtyType> = fc.letrec<{ type: CtyType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<CtyType>("string", "number", "bool", "dynamic"),
    fc.tuple(fc.constantFrom("list", "set", "map"), tie("type")) as fc.Arbitrary<CtyType>,
    fc.dictionary(names, tie("type"), { maxKeys: 4 }).map((attributes): CtyType => ["object", { ...attributes }]),
    fc.array(tie("type"), { maxLength: 3 }).map((elements): CtyType => ["tuple", elements]),
  ),
})).type;

const numbers: fc.Arbitrary<CtyValue> = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
  fc
    .constantFrom("9007199254740993", "123456789012345678901234567890", "0.1000000000000000000000001")
    .map((text) => new DecimalNumber(text)),
);

/** A value that is not known yet, with what may be known of it. */
export const arbitraryUnknown: fc.Arbitrary<CtyValue> = fc.oneof(
  fc.constant(UNKNOWN),
  fc
    .record(
      {
        notNull: fc.constant(true),
        prefix: fc.string({ minLength: 1, maxLength: 5 }),
        minLength: fc.nat(9),
        maxLength: fc.nat(99),
      },
      { requiredKeys: ["notNull"] },
    )
    .map((refinement) => new Unknown(refinement)),
);

/** Any value of a type, with nulls and unknown parts. */
export function arbitraryValue(type: CtyType): fc.Arbitrary<CtyValue> {
  return fc.oneof(
    { weight: 8, arbitrary: known(type) },
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: arbitraryUnknown },
  );
}

function known(type: CtyType): fc.Arbitrary<CtyValue> {
  if (type === "string") return fc.string({ unit: "grapheme", maxLength: 12 });
  if (type === "number") return numbers;
  if (type === "bool") return fc.boolean();
  if (type === "dynamic") {
    return fc
      .constantFrom<CtyType>("string", ["list", "number"], ["object", { a: "bool" }])
      .chain((own) => known(own).map((value) => new DynamicallyTyped(own, value)));
  }
  if (type[0] === "object") {
    return fc
      .record(Object.fromEntries(Object.entries(type[1]).map(([name, one]) => [name, arbitraryValue(one)])))
      .map((entries) => ({ ...entries }));
  }
  if (type[0] === "tuple") return fc.tuple(...type[1].map(arbitraryValue));
  const [kind, element] = type;
  if (kind !== "map") return fc.array(arbitraryValue(element), { maxLength: 4 });
  return fc.dictionary(names, arbitraryValue(element), { maxKeys: 4 }).map((entries) => ({ ...entries }));
}

import { DecimalNumber, DynamicallyTyped, Unknown, type CtyRecord, type CtyValue } from "../protocol/cty-value.ts";
import type { CtyType } from "../protocol/cty-type.ts";

/** True if two values of that type are equal; sets whatever their order. Nothing unknown equals anything. */
export function sameValue(type: CtyType, left: CtyValue, right: CtyValue): boolean {
  if (left === null || right === null) return left === right;
  if (left instanceof Unknown || right instanceof Unknown) return false;
  if (left instanceof DynamicallyTyped || right instanceof DynamicallyTyped) {
    return (
      left instanceof DynamicallyTyped &&
      right instanceof DynamicallyTyped &&
      JSON.stringify(left.type) === JSON.stringify(right.type) &&
      sameValue(left.type, left.value, right.value)
    );
  }
  if (left instanceof DecimalNumber || right instanceof DecimalNumber) return decimal(left) === decimal(right);
  if (typeof type === "string") return left === right;
  const [kind, inner] = type;
  switch (kind) {
    case "list":
      return sameLists(left, right, () => inner);
    case "tuple":
      return sameLists(left, right, (index) => inner[index] ?? "dynamic");
    case "set":
      return sameSets(inner, left as readonly CtyValue[], right as readonly CtyValue[]);
    case "map":
      return sameRecords(left as CtyRecord, right as CtyRecord, () => inner);
    case "object":
      return sameRecords(left as CtyRecord, right as CtyRecord, (name) => inner[name] ?? "dynamic");
  }
}

function decimal(value: CtyValue): string | undefined {
  if (value instanceof DecimalNumber) return value.text;
  return typeof value === "number" ? value.toString() : undefined;
}

function sameLists(left: CtyValue, right: CtyValue, typeAt: (index: number) => CtyType): boolean {
  const [one, other] = [left as readonly CtyValue[], right as readonly CtyValue[]];
  return (
    one.length === other.length && one.every((value, index) => sameValue(typeAt(index), value, other[index] ?? null))
  );
}

function sameSets(type: CtyType, left: readonly CtyValue[], right: readonly CtyValue[]): boolean {
  if (left.length !== right.length) return false;
  if (type === "string") {
    const known = new Set(left);
    return right.every((value) => !(value instanceof Unknown) && known.has(value));
  }
  return left.every((value) => right.some((other) => sameValue(type, value, other)));
}

function sameRecords(left: CtyRecord, right: CtyRecord, typeOf: (name: string) => CtyType): boolean {
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every(
      (name) => Object.hasOwn(right, name) && sameValue(typeOf(name), left[name] ?? null, right[name] ?? null),
    )
  );
}

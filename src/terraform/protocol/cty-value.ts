import type { CtyType } from "./cty-type.ts";

/**
 * A value of Terraform's type system as plain data; what it is of is told by its type, never by itself. Lists, sets and
 * tuples are arrays, maps and objects are records that bear every attribute, null where it is not set.
 */
export type CtyValue =
  string | number | boolean | null | Unknown | DecimalNumber | DynamicallyTyped | readonly CtyValue[] | CtyRecord;

/** A map or an object. Own properties count, whatever their names: `__proto__` is one like any other. */
export interface CtyRecord {
  readonly [name: string]: CtyValue;
}

/** A number that JavaScript's numbers do not hold exactly, in decimal. */
export class DecimalNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A value in a place of the type `dynamic`. */
export class DynamicallyTyped {
  readonly type: CtyType;
  readonly value: CtyValue;
  constructor(type: CtyType, value: CtyValue) {
    this.type = type;
    this.value = value;
  }
}

/** What is known of a value that is not known yet; each is absent where nothing is known. */
export interface Refinement {
  /** True if it will not be null. */
  readonly notNull?: boolean;
  /** What a string will begin with. */
  readonly prefix?: string;
  /** The least and the greatest length of a collection. */
  readonly minLength?: number;
  readonly maxLength?: number;
  /** Bounds of a number. */
  readonly min?: NumberBound;
  readonly max?: NumberBound;
}

/** A bound of a number that is not known yet. */
export interface NumberBound {
  readonly value: number | DecimalNumber;
  readonly inclusive: boolean;
}

/** A value that will be known only when it is applied. */
export class Unknown {
  readonly refinement: Refinement;
  constructor(refinement: Refinement = {}) {
    this.refinement = refinement;
  }
}

/** An unknown value of which nothing is known. */
export const UNKNOWN: Unknown = new Unknown();

/** True if the value itself is unknown; what is within it may be unknown all the same. */
export function isUnknown(value: CtyValue): value is Unknown {
  return value instanceof Unknown;
}

/** True if neither the value nor anything within it is unknown. */
export function isWhollyKnown(value: CtyValue): boolean {
  if (value === null || typeof value !== "object" || value instanceof DecimalNumber) return true;
  if (value instanceof Unknown) return false;
  if (value instanceof DynamicallyTyped) return isWhollyKnown(value.value);
  return Object.values(value).every((element: CtyValue) => isWhollyKnown(element));
}

/** One finding of a compiled schema, as far as its words are made from it. */
export interface SchemaError {
  /** Where, as a JSON pointer. */
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A compiled schema: true if the value has its shape, else the last of `errors` says why not. */
export interface Validator {
  (data: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}

/**
 * What is wrong with the shape of a value, as a clause such as `spec.colour is unknown`; undefined if nothing is. `whole`
 * is what the value itself is called. It repeats names of fields, never values.
 */
export function schemaFault(validate: Validator, value: unknown, whole: string): string | undefined {
  if (validate(value)) return undefined;
  const error = validate.errors?.at(-1);
  return error === undefined ? `${whole} has another form` : faultText(error, whole);
}

function faultText({ instancePath, keyword, params }: SchemaError, whole: string): string {
  const place = placeOf(instancePath);
  const named = place === "" ? whole : place;
  switch (keyword) {
    case "additionalProperties":
      return `${inside(place, params["additionalProperty"])} is unknown`;
    case "required":
      return `${inside(place, params["missingProperty"])} is missing`;
    case "type":
      return `${named} must be ${typeText(params["type"])}`;
    case "enum":
      return `${named} must be one of ${String(params["allowedValues"]).replaceAll(",", ", ")}`;
    case "const":
      return `${named} must be ${String(params["allowedValue"])}`;
    case "discriminator":
      return `${inside(place, params["tag"])} is unknown`;
    case "minProperties":
      return `${named} must state at least one field`;
    case "minItems":
      return `${named} must have at least ${entries(params["limit"])}`;
    case "maxItems":
      return `${named} must have at most ${entries(params["limit"])}`;
    default:
      return `${named} has none of the forms that it can have`;
  }
}

function entries(limit: unknown): string {
  return limit === 1 ? "1 entry" : `${String(limit)} entries`;
}

/** `/changes/3/spec` as `changes[3].spec`. */
function placeOf(pointer: string): string {
  const steps = pointer.split("/").slice(1).map(stepText);
  return steps.join("").replace(/^\./, "");
}

function stepText(step: string): string {
  return /^\d+$/.test(step) ? `[${step}]` : `.${shortName(step.replaceAll("~1", "/").replaceAll("~0", "~"))}`;
}

function inside(place: string, field: unknown): string {
  return place === "" ? shortName(String(field)) : `${place}.${shortName(String(field))}`;
}

/** A field's name as it was sent may be anything; what is no word is quoted, and cut. */
function shortName(name: string): string {
  return /^\w{1,64}$/.test(name) ? name : JSON.stringify(name.slice(0, 64));
}

function typeText(type: unknown): string {
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  return types.map((word) => TYPE_WORDS[String(word)] ?? String(word)).join(" or ");
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  object: "an object",
  array: "a list",
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
};

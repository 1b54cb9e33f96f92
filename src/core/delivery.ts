/**
 * Where a new secret goes: a variable in a dotenv file, or a value in a JSON file (`name` is then a property, or a
 * JSON Pointer if it begins with `/`). Read by the CLI only and never sent to the platform.
 */
export interface Delivery {
  readonly to: "dotenv" | "json";
  /** A path with `/`, relative to the folder from which the CLI runs; it never leaves that folder. */
  readonly file: string;
  readonly name: string;
}

/** The form of a dotenv variable's name. */
export const VARIABLE_PATTERN = /^[A-Z_][A-Z0-9_]{0,127}$/;

/** How a delivery is named in output: `dotenv .env#ALGORITHMIA_API_KEY`. */
export function formatDelivery(delivery: Delivery): string {
  return `${delivery.to} ${delivery.file}#${delivery.name}`;
}

/**
 * Where a new secret goes, tagged by the kind of place. Read by the CLI only and never sent to the platform. Files are
 * paths with `/`, relative to the folder from which the CLI runs, and never leave that folder.
 */
export type Delivery = FileDelivery | AgeDelivery | CommandDelivery | GithubDelivery;

/** A variable in a dotenv file, or a value in a JSON file: `name` is then a property, or a JSON Pointer after a `/`. */
export interface FileDelivery {
  readonly to: "dotenv" | "json";
  readonly file: string;
  readonly name: string;
}

/** A file of its own, encrypted to age recipients: whoever writes it cannot read it. */
export interface AgeDelivery {
  readonly to: "age";
  readonly file: string;
  /** Public keys, `age1...`. */
  readonly recipients: readonly string[];
}

/** A program that takes the secret on its standard input. */
export interface CommandDelivery {
  readonly to: "command";
  /** The program and its arguments; no shell reads them. */
  readonly command: readonly string[];
  /** Names of the variables that it may see beside `PATH` and `HOME`. */
  readonly env: readonly string[];
  /** A program whose standard output is the secret that the place holds; absent if there is none. */
  readonly read?: readonly string[];
}

/** A variable for the later steps of a GitHub Actions job, or an output of the step that runs. */
export interface GithubDelivery {
  readonly to: "github-env" | "github-output";
  readonly name: string;
}

/** The form of a dotenv variable's name. */
export const VARIABLE_PATTERN = /^[A-Z_][A-Z0-9_]{0,127}$/;

/** How a delivery is named in output: `dotenv .env#ALGORITHMIA_API_KEY`, `command gh secret set API_KEY`. */
export function formatDelivery(delivery: Delivery): string {
  switch (delivery.to) {
    case "dotenv":
    case "json":
      return `${delivery.to} ${delivery.file}#${delivery.name}`;
    case "age":
      return `age ${delivery.file}`;
    case "command":
      return `command ${delivery.command.map(commandWord).join(" ")}`;
    case "github-env":
    case "github-output":
      return `${delivery.to} ${delivery.name}`;
  }
}

/** What two deliveries share if one write serves both: the file, or the very command. */
export function placeOf(delivery: Delivery): string {
  switch (delivery.to) {
    case "dotenv":
    case "json":
    case "age":
      return `${delivery.to} ${delivery.file}`;
    case "command":
      return `command ${JSON.stringify(delivery.command)}`;
    case "github-env":
    case "github-output":
      return delivery.to;
  }
}

function commandWord(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : JSON.stringify(word);
}

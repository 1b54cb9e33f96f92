import { ACCOUNT_PATTERN, NAME_PATTERN } from "../core/key-name.ts";
import { EXIT } from "./exit-code.ts";
import { CommandFailure } from "./failure.ts";

/** Ends the command unless that can be an account's name; `what` is where it was stated. */
export function checkAccountName(what: string, name: string): void {
  check(what, name, ACCOUNT_PATTERN, "a letter, then at most 29 letters, digits and _");
}

/** Ends the command unless that can be a project's name; `what` is where it was stated. */
export function checkProjectName(what: string, name: string): void {
  check(what, name, NAME_PATTERN, "1 to 64 letters, digits, dots, - and _, beginning with a letter or a digit");
}

function check(what: string, name: string, pattern: RegExp, form: string): void {
  if (pattern.test(name)) return;
  throw new CommandFailure(EXIT.usage, `${what} ${JSON.stringify(name)} is not a name`, { fix: `A name is ${form}.` });
}

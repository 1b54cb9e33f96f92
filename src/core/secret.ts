/**
 * A secret in memory. Printing it in any way shows a fixed placeholder, so logs, errors, JSON and debuggers never
 * carry it; `reveal()` is the one way out and is easy to search for.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The secret itself. Call it only where the secret is handed over: a sink, a digest, a terminal that asked. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return REDACTED;
  }
}

/** What is printed wherever a secret stands. Fixed width, so that it tells nothing of the secret's length. */
export const REDACTED = "[secret]";

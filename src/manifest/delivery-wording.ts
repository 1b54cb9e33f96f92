import { isAgeRecipient } from "../core/age-recipient.ts";
import { VARIABLE_PATTERN } from "../core/delivery.ts";
import { shownValue } from "./explain-value.ts";
import type { Wording } from "./problem.ts";

/** Variables that change what programs load or run: a secret in one of them breaks, or leads into, whatever starts. */
const DENIED_VARIABLES =
  /^(?:PATH|HOME|SHELL|SHELLOPTS|IFS|ENV|BASH.*|CDPATH|PROMPT_COMMAND|PS[0-4]|NODE_.*|LD_.*|DYLD_.*|PYTHON[A-Z]+|PERL.*|RUBY(?:LIB|OPT)|_?JAVA_.*|CLASSPATH|GIT_.*|NPM_CONFIG_.*|(?:HTTPS?|ALL|NO)_PROXY|SSL_CERT_(?:FILE|DIR))$/;

/** Property names that reach into JavaScript's prototypes. */
const DENIED_PROPERTIES: readonly string[] = ["__proto__", "constructor", "prototype"];

/** Variables that GitHub's runner reads itself, or refuses. */
const RUNNER_VARIABLES = /^(?:CI|(?:GITHUB|RUNNER|ACTIONS)_.*)$/;

/** What is wrong with the file of a delivery; `target` is its path from the working folder. */
export function fileWording(
  file: string,
  target: string,
  shown: string,
  sources: ReadonlySet<string>,
): Wording | undefined {
  const wording = { code: "invalid-delivery", summary: `${shownValue(shown)} cannot take a secret` } as const;
  if (file.trim() === "" || /[\u0000-\u001f\u007f]/.test(file)) {
    return { ...wording, detail: "It is no name of a file.", fix: "Write a file, such as `.env`." };
  }
  if (file.includes("\\")) return { ...wording, detail: "It holds a backslash.", fix: "Separate folders by `/`." };
  if (file.startsWith("/") || /^[A-Za-z]:/.test(file)) {
    return {
      ...wording,
      detail: "It is not relative.",
      fix: "Write a path relative to the declaration's folder, such as `.env`.",
    };
  }
  if (target === ".." || target.startsWith("../")) {
    const detail = "It lies outside the folder from which the command runs.";
    return { ...wording, detail, fix: "Choose a file inside that folder, or run the command from a folder above." };
  }
  if (target === "." || target.endsWith("/"))
    return { ...wording, detail: "It is a folder.", fix: "Write a file, such as `.env`." };
  if (sources.has(target)) return { ...wording, detail: "It is the declaration itself.", fix: "Choose another file." };
  return undefined;
}

/** What is wrong with the variable that is to hold a secret. */
export function variableWording(name: string, shown: string): Wording | undefined {
  const wording = { code: "invalid-delivery", summary: `${shownValue(shown)} cannot be the variable` } as const;
  if (!VARIABLE_PATTERN.test(name)) {
    return {
      ...wording,
      detail: "A variable has capitals, digits and `_`, and begins with no digit.",
      fix: "For example: `ALGORITHMIA_API_KEY`.",
    };
  }
  if (!DENIED_VARIABLES.test(name)) return undefined;
  return { ...wording, detail: "It changes how other programs run.", fix: "For example: `ALGORITHMIA_API_KEY`." };
}

/** What is wrong with the property of a JSON file. */
export function propertyWording(name: string, shown: string): Wording | undefined {
  const wording = { code: "invalid-delivery", summary: `${shownValue(shown)} cannot be the property` } as const;
  const fix = "Write a name, such as `apiKey`, or a JSON Pointer, such as `/algorithmia/apiKey`.";
  if (name === "" || name.length > 128 || /[\u0000-\u001f\u007f]/.test(name)) {
    return { ...wording, detail: "It has 1 to 128 printable characters.", fix };
  }
  const steps = name.startsWith("/") ? name.slice(1).split("/") : [name];
  if (name.startsWith("/") && steps.some((step) => step === "" || /~(?![01])/.test(step))) {
    return { ...wording, detail: "It begins with `/` but is no JSON Pointer to a property.", fix };
  }
  if (steps.some((step) => DENIED_PROPERTIES.includes(step)))
    return { ...wording, detail: "JavaScript programs would misread it.", fix };
  return undefined;
}

/** What is wrong with a name that a GitHub runner is to know: of a variable, or of an output. */
export function runnerWording(to: "github-env" | "github-output", name: string, shown: string): Wording | undefined {
  const [what, fix] =
    to === "github-env"
      ? (["variable", "For example: `ALGORITHMIA_API_KEY`."] as const)
      : (["output", "For example: `api-key`."] as const);
  const wording = { code: "invalid-delivery", summary: `${shownValue(shown)} cannot be the ${what}`, fix } as const;
  if (RUNNER_VARIABLES.test(name.toUpperCase())) return { ...wording, detail: "It is the runner's own." };
  if (to === "github-env") return variableWording(name, shown);
  if (!/^[A-Za-z_][A-Za-z0-9_-]{0,127}$/.test(name))
    return { ...wording, detail: "An output has letters, digits, `_` and `-`, and begins with no digit." };
  return DENIED_VARIABLES.test(name.toUpperCase())
    ? { ...wording, detail: "It changes how other programs run." }
    : undefined;
}

/** What is wrong with a public key of age. */
export function recipientWording(recipient: string, shown: string): Wording | undefined {
  if (isAgeRecipient(recipient)) return undefined;
  const secret = /^age-secret-key-/i.test(recipient);
  return {
    code: "invalid-delivery",
    summary: secret ? "a secret key cannot be a recipient" : `${shownValue(shown)} cannot be a recipient`,
    detail: secret
      ? "Whoever reads the declaration could read the secret. Make another key; this one is no longer secret."
      : "It is not `age1` with 58 letters and digits more, or one of them is mistyped.",
    fix: "Write the public key that `age-keygen -y` prints.",
  };
}

/** What is wrong with a program and its arguments. */
export function commandWording(argv: readonly string[], example: string): Wording | undefined {
  const wording = {
    code: "invalid-delivery",
    summary: "it is no command",
    fix: `For example: \`${example}\`.`,
  } as const;
  const [program = ""] = argv;
  if (program.trim() === "") return { ...wording, detail: "It names no program." };
  if (argv.some((word) => word.includes("\0"))) return { ...wording, detail: "An argument holds a NUL character." };
  return undefined;
}

/** What is wrong with the name of a variable that a program may see. */
export function seenVariableWording(name: string, shown: string): Wording | undefined {
  if (/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name)) return undefined;
  return {
    code: "invalid-delivery",
    summary: `${shownValue(shown)} is no name of a variable`,
    fix: "Write names only, such as `GH_TOKEN`; the values come from the environment of the run.",
  };
}

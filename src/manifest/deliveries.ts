import { posix } from "node:path";
import type { AttributePath } from "../core/attribute-path.ts";
import { VARIABLE_PATTERN, type Delivery } from "../core/delivery.ts";
import { asWritten, problemIn, type DeclarationFile, type Sound } from "./declaration-file.ts";
import type { DeliveryDeclaration } from "./declaration.generated.ts";
import { shownValue } from "./explain-value.ts";
import type { Problems, Wording } from "./problem.ts";

/** Variables that change what programs load or run: a secret in one of them breaks, or leads into, whatever starts. */
const DENIED_VARIABLES =
  /^(?:PATH|HOME|SHELL|IFS|ENV|BASH_ENV|CDPATH|PROMPT_COMMAND|NODE_.*|LD_.*|DYLD_.*|PYTHON(?:PATH|HOME|STARTUP)|PERL5?(?:LIB|OPT)|RUBY(?:LIB|OPT)|JAVA_TOOL_OPTIONS|GIT_.*|NPM_CONFIG_.*)$/;

/** Property names that reach into JavaScript's prototypes. */
const DENIED_PROPERTIES: readonly string[] = ["__proto__", "constructor", "prototype"];

/** The places that the declaration has given out, so that no two secrets go to one. */
export interface DeliveryPlaces {
  /** What each file and name was first used for. */
  readonly names: Map<string, { readonly from: DeclarationFile; readonly path: AttributePath }>;
  /** How each file is first used. */
  readonly forms: Map<string, Delivery["to"]>;
  /** The declaration's own files. */
  readonly sources: ReadonlySet<string>;
}

/** The deliveries of a key, with files relative to the working folder; what is wrong with one leaves it out. */
export function resolveDeliveries(
  from: DeclarationFile,
  key: string,
  deliveries: readonly (Sound<DeliveryDeclaration> | undefined)[],
  places: DeliveryPlaces,
  problems: Problems,
): Delivery[] {
  const resolved: Delivery[] = [];
  for (const [index, delivery] of deliveries.entries()) {
    const { to, file, name } = delivery ?? {};
    if (to === undefined || file === undefined || name === undefined) continue; // told by the schema
    const path = ["keys", key, "deliver", index];
    const found = problems.count;
    const target = posix.normalize(posix.join(from.file.folder, file));
    const filePath = [...path, "file"];
    const fileFault = fileWording(file, target, asWritten(from, filePath, file), places.sources);
    if (fileFault !== undefined) problems.push(problemIn(from, filePath, fileFault));
    const namePath = [...path, "name"];
    const nameFault = (to === "dotenv" ? variableWording : propertyWording)(name, asWritten(from, namePath, name));
    if (nameFault !== undefined) problems.push(problemIn(from, namePath, nameFault));
    if (problems.count > found) continue;
    checkPlace(from, path, { to, file: target, name }, places, problems);
    resolved.push({ to, file: target, name });
  }
  return resolved;
}

function fileWording(file: string, target: string, shown: string, sources: ReadonlySet<string>): Wording | undefined {
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

function variableWording(name: string, shown: string): Wording | undefined {
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

function propertyWording(name: string, shown: string): Wording | undefined {
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

function checkPlace(
  from: DeclarationFile,
  path: AttributePath,
  { to, file, name }: Delivery,
  { names, forms }: DeliveryPlaces,
  problems: Problems,
): void {
  const code = "invalid-delivery";
  const form = forms.get(file);
  if (form !== undefined && form !== to) {
    const summary = "the same file is written both as dotenv and as json";
    problems.push(problemIn(from, [...path, "to"], { code, summary, fix: "Use one of the two for each file." }));
    return;
  }
  forms.set(file, to);
  const place = `${file}\n${name}`;
  const first = names.get(place);
  if (first === undefined) {
    names.set(place, { from, path });
    return;
  }
  const wording = {
    code,
    summary: "another secret goes to the same place",
    fix: "Give each key a `name` or a `file` of its own.",
  } as const;
  const related = [
    { message: "it goes there from here", file: first.from.file, path: first.path, mark: { type: "value" } as const },
  ];
  problems.push(problemIn(from, path, wording, { related }));
}

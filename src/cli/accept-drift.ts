import { mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { declaredSpec } from "../core/declared-spec.ts";
import { nameKey } from "../core/key-name.ts";
import type { Manifest } from "../core/manifest.ts";
import { editYaml, hasPath, type YamlEdit } from "../manifest/edit-yaml.ts";
import { loadManifest } from "../manifest/load.ts";
import { attributeChanges } from "../plan/attribute-change.ts";
import { flatSpec } from "../plan/flat-spec.ts";
import type { Drift } from "../plan/plan.ts";
import type { Context } from "./context.ts";
import { readVariables, type DeclarationInput } from "./declaration.ts";
import type { DriftReport } from "./drift-report.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { CommandFailure } from "./failure.ts";
import { writeFailure } from "./file-failure.ts";
import { replaceText } from "./replace-text.ts";
import { sentence } from "../report/shown.ts";

/**
 * Writes the live values of keys that drifted into the files that declare them, every other byte left as it is. What was
 * written is read again before it counts: if it says anything else than what was wanted, no file is touched.
 */
export async function acceptDrift(
  report: DriftReport,
  names: readonly string[],
  input: DeclarationInput,
  context: Context,
): Promise<ExitCode> {
  const { manifest, plan } = report;
  const accepted = plan.drift.filter(({ name }) => names.includes(name));
  if (accepted.length === 0) {
    context.stdout.write("No field drifted: there is nothing to accept.\n");
    return EXIT.ok;
  }
  const files = await readFiles(manifest, context);
  const texts = new Map(files);
  for (const drift of accepted) {
    const [file, text] = [...texts].find(([, each]) => hasPath(each, ["keys", drift.name])) ?? [];
    if (file === undefined || text === undefined)
      throw cannot(drift.name, "its block is not written under `keys` in a YAML file");
    const result = editYaml(text, editsOf(drift, report, text));
    if (!result.ok) throw cannot(`${drift.name}.${result.path.slice(2).join(".")}`, result.why);
    texts.set(file, result.text);
  }
  await checkMeaning(texts, accepted, report, input, context);
  for (const [file, text] of texts) {
    if (text === files.get(file)) continue;
    try {
      await replaceText(resolve(context.cwd, file), text);
    } catch (error) {
      throw writeFailure("the declaration cannot be written to", file, error);
    }
    context.stdout.write(sentence`Wrote ${file}.\n`);
  }
  context.stdout.write(
    sentence`Accepted: ${accepted.map(({ name, attributes }) => `${name} (${attributes.map(({ path }) => path).join(", ")})`).join("; ")}.\n`,
  );
  return EXIT.ok;
}

async function readFiles({ source }: Manifest, context: Context): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const file of source.files) {
    if (!/\.ya?ml$/i.test(file)) {
      const what = file === "-" ? "standard input" : file;
      throw new CommandFailure(
        EXIT.usage,
        `drift can be accepted into YAML files only, and the declaration is read from ${what}`,
        {
          fix: "Edit it by hand (algokeys drift shows the live values), or take the drift back: algokeys drift revert",
        },
      );
    }
    texts.set(file, await readFile(resolve(context.cwd, file), "utf8"));
  }
  return texts;
}

/** The live value of every field that drifted, as edits of the key's block. */
function editsOf({ name, attributes }: Drift, { live }: DriftReport, text: string): readonly YamlEdit[] {
  const key = live.keys.find((candidate) => nameKey(candidate.name) === nameKey(name));
  if (key === undefined) throw new Error(`the drifted key ${name} is not live`);
  const values = flatSpec(key.spec);
  const whole = declaredSpec(key.spec);
  const block = ["keys", name];
  const edits = new Map<string, YamlEdit>();
  for (const { path } of attributes) {
    const dot = path.indexOf(".");
    const field = dot < 0 ? path : path.slice(0, dot);
    const steps = dot < 0 ? [path] : [field, path.slice(dot + 1)];
    const value = values.get(path) ?? undefined;
    // A field of a field that the block does not have yet: the whole of it, so that a default's other parts stay meant.
    if (steps.length > 1 && !hasPath(text, [...block, field])) {
      edits.set(field, { path: [...block, field], value: whole[field as keyof typeof whole] ?? undefined });
    } else edits.set(path, { path: [...block, ...steps], value });
  }
  return [...edits.values()];
}

/** Reads the edited texts in a place of their own, and ends the command unless they mean what was wanted and no more. */
async function checkMeaning(
  texts: ReadonlyMap<string, string>,
  accepted: readonly Drift[],
  { manifest, live }: DriftReport,
  input: DeclarationInput,
  context: Context,
): Promise<void> {
  const variables = await readVariables(input, context);
  const folder = await mkdtemp(join(tmpdir(), "algokeys-accept-"));
  try {
    const inputs: string[] = [];
    for (const [file, text] of texts) {
      const place = join(folder, String(inputs.length));
      await mkdir(place);
      inputs.push(join(place, basename(file)));
      await writeFile(join(place, basename(file)), text, { mode: 0o600 });
    }
    const options = { cwd: folder, env: context.env, vars: variables.ok ? variables.value : {} };
    const read = await loadManifest(inputs, { ...options, stdin: () => Promise.resolve(new Uint8Array()) });
    if (!read.ok) throw cannot(accepted[0]?.name ?? "", "the file could not be read any more afterwards");
    const wanted = new Set(accepted.map(({ name }) => name));
    const after = new Map(read.value.keys.map((key) => [key.name, key]));
    for (const { name, spec } of manifest.keys) {
      const lives = live.keys.find((key) => nameKey(key.name) === nameKey(name));
      const due = wanted.has(name) && lives !== undefined ? lives.spec : spec;
      const found = after.get(name);
      const wrong = found === undefined ? name : attributeChanges(due, found.spec, manifest.account).at(0)?.path;
      if (wrong === undefined && read.value.keys.length === manifest.keys.length) continue;
      throw cannot(
        `${name}.${wrong ?? ""}`,
        "what is written for it is shared with other fields or keys (an anchor, a variable or `defaults`)",
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function cannot(what: string, why: string): CommandFailure {
  return new CommandFailure(EXIT.refused, `${what} cannot be accepted: ${why}`, {
    detail: "No file was changed.",
    fix: "Write the live value by hand (algokeys drift shows it), or take it back: algokeys drift revert",
  });
}

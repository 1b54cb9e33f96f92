import { mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { declaredSpec } from "../core/declared-spec.ts";
import { nameKey } from "../core/key-name.ts";
import type { KeySpec } from "../core/key-spec.ts";
import type { Manifest } from "../core/manifest.ts";
import { editYaml, hasPath, renameField, type Edited, type YamlEdit } from "../manifest/edit-yaml.ts";
import { loadManifest } from "../manifest/load.ts";
import { attributeChanges } from "../plan/attribute-change.ts";
import { flatSpec } from "../plan/flat-spec.ts";
import { driftedName, NAME_PATH, type Drift } from "../plan/plan.ts";
import type { Context } from "./context.ts";
import { readVariables, type DeclarationInput } from "./declaration.ts";
import type { DriftReport } from "./drift-report.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { CommandFailure } from "./failure.ts";
import { writeFailure } from "./file-failure.ts";
import { replaceText } from "./replace-text.ts";
import { sentence } from "../report/shown.ts";

/** True if drift can be accepted into the declaration's files. */
export function isWritable({ source }: Pick<Manifest, "source">): boolean {
  return source.files.every(isYaml);
}

/**
 * Writes the live values and names of keys that drifted into the files that declare them, every other byte left as it is. What was
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
  const files = await readFiles(manifest, accepted, context);
  const texts = new Map(files);
  for (const drift of accepted) {
    const [file, text] = [...texts].find(([, each]) => hasPath(each, ["keys", drift.name])) ?? [];
    if (file === undefined || text === undefined)
      throw cannot(drift.name, "its block is not written under `keys` in a YAML file", accepted);
    const result = edited(text, drift, report);
    if (!result.ok) throw cannot([drift.name, ...result.path.slice(2)].join("."), result.why, accepted);
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

function isYaml(file: string): boolean {
  return /\.ya?ml$/i.test(file);
}

async function readFiles(
  { source }: Manifest,
  accepted: readonly Drift[],
  context: Context,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const file of source.files) {
    if (!isYaml(file)) {
      const what = file === "-" ? "standard input" : file;
      throw new CommandFailure(
        EXIT.usage,
        `drift can be accepted into YAML files only, and the declaration is read from ${what}`,
        {
          fix: byHand(accepted),
        },
      );
    }
    texts.set(file, await readFile(resolve(context.cwd, file), "utf8"));
  }
  return texts;
}

/** The text with what lives of one key that drifted. A block that gets another name says which one the key had. */
function edited(text: string, drift: Drift, report: DriftReport): Edited {
  const values = editYaml(text, editsOf(drift, report, text));
  const name = driftedName(drift);
  return values.ok && name !== drift.name ? renameField(values.text, ["keys", drift.name], name) : values;
}

/** The live value of every field that drifted, as edits of the key's block. */
function editsOf(drift: Drift, report: DriftReport, text: string): readonly YamlEdit[] {
  const { name, attributes } = drift;
  const spec = liveSpec(name, report);
  const values = flatSpec(spec);
  const whole = declaredSpec(spec);
  const block = ["keys", name];
  const edits = new Map<string, YamlEdit>();
  for (const { path } of attributes) {
    if (path === NAME_PATH) {
      const isOther = nameKey(name) !== nameKey(driftedName(drift));
      if (isOther) edits.set("renamed_from", { path: [...block, "renamed_from"], value: name });
      continue;
    }
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

/** The live spec of a key that drifted, by its declared name: whatever its live one is, the plan changes that key. */
function liveSpec(name: string, { plan, live }: DriftReport): KeySpec {
  const ids = plan.changes.flatMap((change) => ("nameBefore" in change && change.name === name ? [change.id] : []));
  const key = live.keys.find(({ id }) => ids.includes(id));
  if (key === undefined) throw new Error(`the drifted key ${name} is not live`);
  return key.spec;
}

/** Reads the edited texts in a place of their own, and ends the command unless they mean what was wanted and no more. */
async function checkMeaning(
  texts: ReadonlyMap<string, string>,
  accepted: readonly Drift[],
  report: DriftReport,
  input: DeclarationInput,
  context: Context,
): Promise<void> {
  const { manifest } = report;
  const variables = await readVariables(input, context);
  const folder = await mkdtemp(join(tmpdir(), "algokeys-accept-"));
  try {
    const inputs = await copyInto(folder, texts);
    const options = { cwd: folder, env: context.env, vars: variables.ok ? variables.value : {} };
    const read = await loadManifest(inputs, { ...options, stdin: () => Promise.resolve(new Uint8Array()) });
    if (!read.ok) throw cannot(accepted[0]?.name ?? "", "the file could not be read any more afterwards", accepted);
    const wanted = new Map(accepted.map((drift) => [drift.name, drift]));
    const after = new Map(read.value.keys.map((key) => [key.name, key]));
    for (const { name, spec } of manifest.keys) {
      const drift = wanted.get(name);
      const found = after.get(drift === undefined ? name : driftedName(drift));
      const wrong = found === undefined ? name : misread(found.spec, spec, drift, report);
      if (wrong === undefined && read.value.keys.length === manifest.keys.length) continue;
      throw cannot(
        `${name}.${wrong ?? ""}`,
        "what is written for it is shared with other fields or keys (an anchor, a variable or `defaults`)",
        accepted,
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The field that would be read otherwise than it should: what is accepted as it lives, and all else as it was declared. */
function misread(found: KeySpec, declared: KeySpec, drift: Drift | undefined, report: DriftReport): string | undefined {
  const { account } = report.manifest;
  const accepted = new Set(drift?.attributes.map(({ path }) => path));
  const others = attributeChanges(declared, found, account).filter(({ path }) => !accepted.has(path));
  if (drift === undefined) return others[0]?.path;
  const wanted = attributeChanges(liveSpec(drift.name, report), found, account).filter(({ path }) =>
    accepted.has(path),
  );
  return [...wanted, ...others][0]?.path;
}

/** Writes the texts under their own names, each in a folder of its own; gives their paths. */
async function copyInto(folder: string, texts: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const paths: string[] = [];
  try {
    for (const [file, text] of texts) {
      const place = join(folder, String(paths.length));
      await mkdir(place);
      paths.push(join(place, basename(file)));
      await writeFile(join(place, basename(file)), text, { mode: 0o600 });
    }
  } catch (error) {
    throw writeFailure("what would be written cannot be checked, because no copy can be made in", tmpdir(), error);
  }
  return paths;
}

function cannot(what: string, why: string, accepted: readonly Drift[]): CommandFailure {
  return new CommandFailure(EXIT.refused, `${what} cannot be accepted: ${why}`, {
    detail: "No file was changed.",
    fix: byHand(accepted),
  });
}

/** What to do where nothing can be written. */
function byHand(accepted: readonly Drift[]): string {
  const names = accepted.flatMap((drift) => {
    const name = driftedName(drift);
    return name === drift.name ? [] : [` (${name} in place of ${drift.name}, with renamed_from: ${drift.name})`];
  });
  return `Write the live values by hand${names.join("")} (algokeys drift shows them), or take them back: algokeys drift revert`;
}

import type { AttributePath } from "../core/attribute-path.ts";
import type { Problems } from "./problem.ts";
import type { SourceFile, SourceText } from "./source-file.ts";
import { lacksName, onlyTerraform, unsetVariable, type StackPlace } from "./stack-problems.ts";
import { stackText, stackVariables, type StackVariables } from "./stack-text.ts";
import { pathKey } from "./substitute.ts";

/** A declaration that a synthesized stack makes, as the reader of files would have it. */
export interface StackDeclaration {
  /** The stack's file; deliveries are relative to the working folder, as in the app that made it. */
  readonly file: SourceFile;
  readonly value: Readonly<Record<string, unknown>>;
  /** What stood where a variable was replaced, by the path in `value`. */
  readonly written: ReadonlyMap<string, string>;
  /** Where a path of `value` is in the stack's file. */
  readonly placeOf: (path: AttributePath) => StackPlace;
}

/** A declaration in YAML that a stack holds as a text. */
export interface StackManifest {
  readonly file: SourceFile & { readonly content: SourceText };
  readonly variables: Readonly<Record<string, string>>;
  /** What the block says of whose the keys are; it must agree with the text. */
  readonly stated: Readonly<Partial<Record<"account" | "project", string>>>;
  /** Where the block is in the stack's file. */
  readonly place: StackPlace;
}

/** What a stack declares. */
export interface StackReading {
  readonly declarations: readonly StackDeclaration[];
  readonly manifests: readonly StackManifest[];
}

/** True for the file of a synthesized stack, or any other of Terraform's in JSON. */
export function isStackFile(filename: string): boolean {
  return filename.endsWith(".tf.json");
}

/** What the provider's `project` is where none is stated; the provider has the same default. */
const DEFAULT_PROJECT = "terraform";

/** Arguments of a key that Terraform alone acts on, and those that are read apart from its fields. */
const NO_FIELDS = new Set([
  ...[
    "name",
    "account",
    "project",
    "secret_wo",
    "secret_wo_version",
    "rotation_trigger",
    "keep_secret_in_state",
    "adopt",
    "secrets_wo",
  ],
  ...["secrets_wo_versions", "max_deletes", "provider", "depends_on", "lifecycle", "provisioner", "connection"],
]);

type Block = Readonly<Record<string, unknown>>;

/**
 * Reads the keys of a stack in Terraform's JSON, as CDKTF synthesizes it. Everything that only Terraform can know, and that
 * a key depends on, is a problem that names it; what else the stack holds is Terraform's affair. `given` are the values of
 * variables from outside; their defaults stand in the stack.
 */
export function readStack(
  file: SourceFile,
  value: unknown,
  given: Readonly<Record<string, string>>,
  problems: Problems,
): StackReading {
  const stack = { file, problems, variables: stackVariables(mapIn(value, "variable"), given), root: value };
  const groups: KeyGroup[] = [];
  const manifests: StackManifest[] = [];
  for (const found of blocksOf(stack, "algorithmia_api_key")) addKey(stack, found, groups);
  for (const found of blocksOf(stack, "algorithmia_api_keys")) {
    const manifest = projectManifest(stack, found);
    if (manifest !== undefined) manifests.push(manifest);
    else addProject(stack, found, groups);
  }
  return { declarations: groups.map((group) => declarationOf(stack, group)), manifests };
}

interface Stack {
  readonly file: SourceFile;
  readonly problems: Problems;
  readonly variables: StackVariables;
  readonly root: unknown;
}

/** A block of the stack. */
interface Found {
  readonly block: Block;
  readonly path: AttributePath;
  readonly construct: string | undefined;
}

/** Keys of one account and project. A second key of the same name goes to a group of its own, so that both are told of. */
interface KeyGroup {
  readonly account: Owner;
  readonly project: Owner;
  readonly keys: Map<string, GroupKey>;
}

interface Owner {
  readonly name: string | undefined;
  readonly place: StackPlace;
}

interface GroupKey {
  readonly fields: Block;
  readonly place: StackPlace;
  readonly written: readonly Written[];
}

interface Written {
  readonly path: AttributePath;
  readonly text: string;
}

function blocksOf(stack: Stack, type: string): readonly Found[] {
  const blocks = mapIn(mapIn(stack.root, "resource"), type);
  return Object.entries(blocks).flatMap(([id, block]) => {
    if (!isMap(block)) return [];
    const path = ["resource", type, id];
    const construct = mapIn(mapIn(block, "//"), "metadata")["path"];
    const found = { block, path, construct: typeof construct === "string" ? construct : undefined };
    const repeated = ["count", "for_each"].find((name) => name in block);
    if (repeated === undefined) return [found];
    stack.problems.push({
      ...onlyTerraform(stack.file, { path: [...path, repeated], construct: found.construct }, repeated),
      summary: `\`${repeated}\` makes keys that only Terraform can count`,
      fix: "Make a construct for each key, in a loop of the app.",
    });
    return [];
  });
}

function addKey(stack: Stack, found: Found, groups: KeyGroup[]): void {
  const { block, path, construct } = found;
  const at: StackPlace = { path, construct };
  const written: Written[] = [];
  const name = known(stack, block["name"], within(at, "name"), [], written);
  const fields = fieldsOf(stack, block, at, written);
  const account = ownerOf(stack, found, "account");
  if (typeof name !== "string") {
    if (name === undefined) stack.problems.push(lacksName(stack.file, at));
    return;
  }
  put(groups, { account, project: ownerOf(stack, found, "project") }, name, { fields, place: at, written });
}

/** The keys of a whole project that stand in a map. */
function addProject(stack: Stack, found: Found, groups: KeyGroup[]): void {
  const { block, path, construct } = found;
  const owner = { account: ownerOf(stack, found, "account"), project: ownerOf(stack, found, "project") };
  const place: StackPlace = { path: [...path, "keys"], construct };
  const { keys } = block;
  // What is not known is told of: a project without keys is one whose keys are all deleted.
  if (!isMap(keys)) known(stack, keys ?? block["manifest"], place, [], []);
  else if (Object.keys(keys).length === 0) groups.push({ ...owner, keys: new Map() });
  for (const [name, key] of Object.entries(isMap(keys) ? keys : {})) {
    const at = within(place, name);
    const written: Written[] = [];
    if (isMap(key)) put(groups, owner, name, { fields: fieldsOf(stack, key, at, written), place: at, written });
    else known(stack, key, at, [], []);
  }
}

/** The declaration in YAML that a block holds; undefined if its keys stand in a map. */
function projectManifest(stack: Stack, { block, path, construct }: Found): StackManifest | undefined {
  const { manifest } = block;
  if (typeof manifest !== "string") return undefined;
  const at: StackPlace = { path, construct };
  const text = known(stack, manifest, within(at, "manifest"), [], []);
  const variables = known(stack, block["variables"] ?? {}, within(at, "variables"), [], []);
  if (typeof text !== "string" || !isMap(variables)) return undefined;
  const filename = `${stack.file.filename}#${construct ?? String(path.at(-1))}`;
  const content = { text, bytes: new TextEncoder().encode(text).byteLength, bom: 0 };
  const stated = Object.fromEntries(
    (["account", "project"] as const).flatMap((field) => {
      const name = known(stack, block[field] ?? null, within(at, field), [], []);
      return typeof name === "string" ? [[field, name]] : [];
    }),
  );
  const file = { filename, folder: "", content };
  return { file, variables: variables as Record<string, string>, stated, place: at };
}

function fieldsOf(stack: Stack, block: Block, at: StackPlace, written: Written[]): Block {
  const stated = Object.entries(block).filter(
    ([name, value]) => value !== null && name !== "//" && !NO_FIELDS.has(name),
  );
  const fields = stated.flatMap(([name, value]) => {
    const read = known(stack, value, within(at, name), [name], written);
    return read === undefined ? [] : [[name, read] as const];
  });
  return { ...Object.fromEntries(fields), ...mapIn(mapIn(block, "//"), "algokeys") };
}

/** A value with its variables replaced; undefined where something is known to Terraform alone, which has been told then. */
function known(stack: Stack, value: unknown, at: StackPlace, path: AttributePath, written: Written[]): unknown {
  if (typeof value === "string") {
    const read = stackText(value, stack.variables);
    if (read.type === "known") {
      if (read.replaced) written.push({ path, text: value });
      return read.value;
    }
    stack.problems.push(
      read.type === "unset" ? unsetVariable(stack.file, at, read.name) : onlyTerraform(stack.file, at, read.expression),
    );
    return undefined;
  }
  if (Array.isArray(value)) {
    return value.map((entry, index) => known(stack, entry, within(at, index), [...path, index], written));
  }
  if (!isMap(value)) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(
    entries.map(([name, inner]) => [name, known(stack, inner, within(at, name), [...path, name], written)]),
  );
}

/** Whose a block's keys are: what it says itself, else what its provider says. */
function ownerOf(stack: Stack, { block, path, construct }: Found, field: "account" | "project"): Owner {
  if (block[field] !== undefined && block[field] !== null) {
    const place = { path: [...path, field], construct };
    const name = known(stack, block[field], place, [], []);
    return { name: typeof name === "string" ? name : undefined, place };
  }
  const provider = typeof block["provider"] === "string" ? block["provider"] : "algorithmia";
  const [, alias] = provider.split(".");
  const all = mapIn(stack.root, "provider")["algorithmia"];
  const list: readonly unknown[] = Array.isArray(all) ? all : [all];
  const index = list.findIndex((one) => isMap(one) && one["alias"] === alias);
  const place = { path: ["provider", "algorithmia", index, field], construct: undefined };
  const stated = isMap(list[index]) ? list[index][field] : undefined;
  if (stated === undefined || stated === null) {
    return { name: field === "project" ? DEFAULT_PROJECT : undefined, place: { path: [], construct: undefined } };
  }
  const name = known(stack, stated, place, [], []);
  return { name: typeof name === "string" ? name : undefined, place };
}

function put(groups: KeyGroup[], owner: Pick<KeyGroup, "account" | "project">, name: string, key: GroupKey): void {
  const { account, project } = owner;
  let group = groups.find(
    (one) => one.account.name === account.name && one.project.name === project.name && !one.keys.has(name),
  );
  if (group === undefined) {
    group = { account, project, keys: new Map() };
    groups.push(group);
  }
  group.keys.set(name, key);
}

function declarationOf(stack: Stack, { account, project, keys }: KeyGroup): StackDeclaration {
  const written = new Map<string, string>();
  for (const [name, key] of keys) {
    for (const one of key.written) written.set(pathKey(["keys", name, ...one.path]), one.text);
  }
  return {
    file: { ...stack.file, folder: "" },
    value: {
      version: 1,
      ...(account.name === undefined ? {} : { account: account.name }),
      ...(project.name === undefined ? {} : { project: project.name }),
      keys: Object.fromEntries([...keys].map(([name, { fields }]) => [name, fields])),
    },
    written,
    placeOf: (path) => {
      const [root, name, ...rest] = path;
      if (root === "account") return account.place;
      if (root === "project") return project.place;
      const key = root === "keys" && typeof name === "string" ? keys.get(name) : undefined;
      if (key === undefined) return { path: [], construct: undefined };
      return { path: [...key.place.path, ...(rest.length === 0 ? ["name"] : rest)], construct: key.place.construct };
    },
  };
}

function within({ path, construct }: StackPlace, step: string | number): StackPlace {
  return { path: [...path, step], construct };
}

function mapIn(value: unknown, name: string): Block {
  const inner = isMap(value) ? value[name] : undefined;
  return isMap(inner) ? inner : {};
}

function isMap(value: unknown): value is Block {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import type { Argument, Command, Option } from "commander";

/** A word that may come next, and what it is for. */
export interface Word {
  readonly text: string;
  readonly about: string;
}

/** An option, and what may follow it. */
export interface OptionWord extends Word {
  /** `none`: it takes no value; `files`: any file; else one of these, or of no list at all if it is empty. */
  readonly value: "none" | "files" | readonly string[];
}

/** One command of the table as completion sees it; a command of two names comes twice. */
export interface CommandWords {
  /** The command's words after the program's name, such as `keys list`; empty for the program itself. */
  readonly path: string;
  /** Subcommands and arguments with choices. */
  readonly words: readonly Word[];
  readonly options: readonly OptionWord[];
  /** True if a file may come next. */
  readonly files: boolean;
}

/** Everything that completion offers, made from the command table, so that it cannot fall behind it. */
export function completionWords(program: Command): readonly CommandWords[] {
  return walk(program, program, "");
}

function walk(command: Command, program: Command, path: string): CommandWords[] {
  const subcommands = command.commands.flatMap((sub) =>
    namesOf(sub).map((text) => ({ text, about: sub.description() })),
  );
  const choices = command.registeredArguments.flatMap((argument) => argument.argChoices ?? []);
  const global = command === program ? [] : program.options;
  const here = {
    path,
    words: [...subcommands, ...choices.map((text) => ({ text, about: "" }))],
    options: [...command.options, ...global].flatMap(optionWords),
    files: command.registeredArguments.some(takesFile),
  };
  const below = command.commands.flatMap((sub) =>
    namesOf(sub).flatMap((name) => walk(sub, program, path === "" ? name : `${path} ${name}`)),
  );
  return [here, ...below];
}

function namesOf(command: Command): readonly string[] {
  return [command.name(), ...command.aliases()];
}

function optionWords(option: Option): OptionWord[] {
  const about = option.description;
  return [option.long, option.short].flatMap((text) =>
    text === undefined ? [] : [{ text, about, value: valueOf(option) }],
  );
}

function valueOf(option: Option): OptionWord["value"] {
  if (!option.required && !option.optional) return "none";
  return option.argChoices ?? (/<(file|path)>/.test(option.flags) ? "files" : []);
}

function takesFile(argument: Argument): boolean {
  return /path|plan|file/.test(argument.name());
}

import { Option, type Command } from "commander";

/** Options of commands that make a plan of their own. */
export function withProposal(command: Command): Command {
  return withLock(withFormat(command))
    .option("--out <file>", "save the plan instead, to review it and apply exactly it")
    .option("-y, --auto-approve", "do not ask");
}

/** Options of commands that read a declaration. */
export function withDeclaration(command: Command): Command {
  return withApp(withVariables(command.option("-f, --file <path>", "a declaration; may be repeated", collect)));
}

function withApp(command: Command): Command {
  return command
    .option("--app <command>", 'the keys of a CDKTF app, which this command synthesizes: "node app.js"')
    .option("--cdktf-out <folder>", "the keys of a CDKTF app that is synthesized to this folder")
    .option("--stack <name>", "of such an app, this stack alone");
}

function withVariables(command: Command): Command {
  return command
    .option("--var <name=value>", "a value for ${var.name}; may be repeated", collect)
    .option("--var-file <file>", "a YAML or JSON map of values for ${var.name}; may be repeated", collect);
}

/** Options of commands that can write more than text. */
export function withFormat(command: Command): Command {
  return command
    .addOption(new Option("--format <format>", "output format").choices(["text", "json", "markdown"]).default("text"))
    .addOption(new Option("--json", "the same as --format json").conflicts("format"));
}

/** Options of commands that make a plan: one for each guard, none opens two. */
export function withGuards(command: Command): Command {
  return command
    .option("--adopt", "take over live keys of declared names that no project manages")
    .option("--takeover <project>", "take over live keys of declared names from this other project, and from no third")
    .option("--max-deletes <n>", "allow this many deletes, as a number or a percentage such as 50%")
    .option("--allow-lockout", "allow changes that lock out the key this run authenticates with")
    .option("--reveal", "show new secrets on the terminal, for keys that declare no delivery");
}

/** How long a command that writes waits for another run. */
export function withLock(command: Command): Command {
  const description = "wait this long for another run that writes for the project, such as 5m (default: 0s)";
  return command.option("--lock-timeout <duration>", description);
}

/** Options of commands on the server's own store. */
export function withStore(command: Command): Command {
  return command
    .addOption(
      new Option("--store <url>", "the server's store: file:PATH or postgres://USER@HOST/DATABASE")
        .env("ALGOKEYS_STORE")
        .default("file:.algokeys/platform.db"),
    )
    .option("--pepper-file <file>", "the store's pepper (default: beside a file; or set ALGOKEYS_PEPPER)");
}

/** Options of commands that look at an account. */
export function withAccount(command: Command): Command {
  return withVariables(
    command
      .option("--account <name>", "account (default: the declaration's)")
      .option("-f, --file <path>", "declaration that names the account", collect),
  );
}

function collect(value: string, values: readonly string[] = []): readonly string[] {
  return [...values, value];
}

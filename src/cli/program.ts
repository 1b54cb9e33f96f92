import { Argument, Command, Option } from "commander";
import { printable } from "../core/printable.ts";
import { suggest } from "../core/suggest.ts";
import type { World } from "./context.ts";
import {
  withAccount,
  withDeclaration,
  withFormat,
  withGuards,
  withLock,
  withProposal,
  withStore,
} from "./option-groups.ts";

/** Runs one command: its name in the table, and its arguments and options in one object. */
export type RunCommand = (name: string, input: Readonly<Record<string, unknown>>) => Promise<void>;

const EXIT_CODES = `
Exit codes: 0 ok, 1 error, 2 changes pending (only with --detailed-exitcode), 3 invalid declaration or usage,
4 not authenticated or forbidden, 5 refused by a guard, 6 stale plan, 7 expectation not met, 8 cancelled,
9 applied in part (the report says how to resume), 70 a bug in algokeys.`;

/** The command line's table: every command, argument and option, with its help. Loads nothing that does the work. */
export function buildProgram(context: Pick<World, "stdout" | "stderr">, run: RunCommand): Command {
  const program = new Command("algokeys")
    .description("API keys as code: declare, plan and apply the API keys of an algorithm platform.")
    .addOption(
      new Option("--platform <url>", "where the keys live: https://HOST, or file:PATH for the embedded platform")
        .env("ALGOKEYS_PLATFORM")
        .argParser((value: string) => value),
    )
    .addOption(
      new Option("--token-file <file>", "file with the admin key for a server (or set ALGOKEYS_TOKEN)").env(
        "ALGOKEYS_TOKEN_FILE",
      ),
    )
    .addOption(new Option("--color <when>", "colour the output").choices(["auto", "always", "never"]).default("auto"))
    .addOption(new Option("--no-color", "the same as --color never"))
    .option("--version", "print the version")
    .helpOption("-h, --help", "show help for a command")
    .helpCommand("help [command]", "show help for a command")
    .addHelpText("after", EXIT_CODES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      outputError: (text, write) => {
        // Arguments may hold anything, also lines that are commands to a CI runner; only our own line breaks stay.
        const said = text
          .replace(/command-argument value '([^]*)' is invalid for argument '(.*)'/, "$2 cannot be '$1'")
          .split(/\n(?=\(Did you mean|$)/);
        write(said.map(printable).join("\n"));
      },
      getOutHelpWidth: () => Math.min(context.stdout.columns ?? 100, 120),
      getErrHelpWidth: () => Math.min(context.stderr.columns ?? 100, 120),
    })
    .showHelpAfterError("(add --help for the ways to call it)");
  // With an action of its own the program would call an unknown command an argument too many.
  program.allowExcessArguments().action(async (options: { version?: boolean }) => {
    const [word] = program.args;
    if (word !== undefined) {
      const near = suggest(
        word,
        program.commands.flatMap((command) => [command.name(), ...command.aliases()]),
      );
      program.error(`error: unknown command '${word}'${near === undefined ? "" : `\n(Did you mean ${near}?)`}`);
    }
    if (options.version === true) await run("version", {});
    else program.help({ error: true });
  });

  /** Adds a command whose action hands everything to `run`; positional arguments go by their declared names. */
  const add = (parent: Command, name: string, runAs: string, description: string): Command => {
    const command = parent.command(name).description(description).allowExcessArguments(false);
    return command.action(async () => {
      const positional: Record<string, unknown> = {};
      for (const [index, argument] of command.registeredArguments.entries()) {
        positional[argument.name()] = command.processedArgs[index];
      }
      await run(runAs, { ...command.optsWithGlobals<Record<string, unknown>>(), ...positional });
    });
  };

  add(program, "init", "init", "write a commented declaration to start from")
    .argument("[file]", "file to write", "keys.yaml")
    .option("--account <name>", "account that owns the keys", "acme")
    .option("--project <name>", "project that manages them", "storefront");
  withFormat(
    withDeclaration(add(program, "validate", "validate", "check a declaration without touching a platform")),
  ).argument(
    "[path...]",
    "declarations: files, folders or - for standard input (default: algokeys.yaml, keys.yaml, keys/)",
  );
  withGuards(
    withFormat(withDeclaration(add(program, "plan", "plan", "show what an apply would change; changes nothing"))),
  )
    .alias("diff")
    .argument(
      "[path...]",
      "declarations: files, folders or - for standard input (default: algokeys.yaml, keys.yaml, keys/)",
    )
    .option("--out <file>", "save the plan, to review it and apply exactly it")
    .option("--full", "list keys that stay as they are too")
    .option("--detailed-exitcode", "exit with 2 if there are changes")
    .option("--expect-no-changes", "exit with 7 if there are changes");
  withLock(
    withGuards(
      withFormat(
        withDeclaration(add(program, "apply", "apply", "carry out a plan: a saved one, or a fresh one after asking")),
      ),
    ),
  )
    .argument("[plan]", "a plan saved by `algokeys plan --out`")
    .option("-y, --auto-approve", "do not ask")
    .option("--no-declaration", "apply a saved plan where its declaration is not at hand to compare");
  withLock(
    withFormat(
      withDeclaration(add(program, "destroy", "destroy", "delete every key of the project (restorable for 30 days)")),
    ),
  ).option("--confirm <project>", "the project's name, instead of being asked to type it");
  withLock(
    withFormat(
      withDeclaration(add(program, "rotate", "rotate", "give a key another secret; the older ones then retire")),
    ),
  )
    .argument("<name>", "key, declared with `deliver`")
    .option("-y, --auto-approve", "do not ask")
    .option("--reveal", "show the new secret on the terminal, for a key that declares no delivery");
  withAccount(add(program, "revoke", "revoke", "end a key's credentials at once: a secret is in the wrong hands"))
    .argument("<name>", "key")
    .option("--credential <id>", "this one alone, by its id or fingerprint")
    .option("--all-but-newest", "all but the newest that somebody confirmed to hold")
    .option("-y, --auto-approve", "do not ask");
  withAccount(add(program, "disable", "disable", "refuse every call with a key, until it is enabled")).argument(
    "<name>",
    "key",
  );
  withAccount(add(program, "enable", "enable", "let a key in again that was disabled")).argument("<name>", "key");
  withAccount(add(program, "export", "export", "write live keys as a declaration"))
    .option("--project <name>", "keys of this project (default: the declaration's)")
    .option("--unmanaged", "keys that no project manages, too")
    .addOption(
      new Option("--format <format>", "a YAML declaration, a configuration for Terraform, or a CDKTF app")
        .choices(["yaml", "hcl", "typescript"])
        .default("yaml"),
    )
    .option("--out <file>", "write to a file that does not exist yet instead of standard output");
  withFormat(add(program, "show", "show", "print a saved plan"))
    .argument("<plan>", "a plan saved by `algokeys plan --out`")
    .option("--full", "list everything");

  lifeCommands(program, add);
  driftCommands(program, add);

  const keys = program.command("keys").description("look at live keys, and act on one by hand");
  withAccount(add(keys, "list", "keys-list", "list live keys"))
    .addOption(new Option("--project <name>", "only keys of this project").conflicts("unmanaged"))
    .option("--unmanaged", "only keys that no project manages")
    .option("--deleted", "deleted keys that can still be restored, instead")
    .option("--json", "write JSON");
  withAccount(add(keys, "get", "keys-get", "show one key"))
    .argument("<name>", "key")
    .option("--json", "write JSON");
  withAccount(add(keys, "set", "keys-set", "change a live key by hand; the next plan shows it as drift"))
    .argument("<name>", "key")
    .argument(
      "<field=value...>",
      "fields as declared: enabled=false, data=read, origins.web=true; lists with commas; null clears",
    );
  withAccount(add(keys, "restore", "keys-restore", "bring back a deleted key with its credentials")).argument(
    "<name>",
    "key",
  );

  withAccount(add(program, "try", "try", "decide a call with a live key, and say why"))
    .argument("<key-name>", "key")
    .option("--call <algorithm>", "call an algorithm: algo://owner/name")
    .option("--data <access>", "use the Data API: read or write")
    .option("--origin <url>", "as a web page of this origin (default: a native client)")
    .addOption(new Option("--expect <effect>", "exit with 7 if it is decided otherwise").choices(["allow", "deny"]))
    .option("--secret-env <name>", "as who holds the secret in this environment variable; an empty one is none")
    .option("--json", "write JSON");

  const account = program.command("account").description("make accounts");
  add(account, "create", "account-create", "make an account with its default-key")
    .argument("<name>", "user or organization")
    .option("--reveal", "show default-key's secret even where standard output is no terminal")
    .option("--no-credential", "make default-key without a secret");

  withStore(add(program, "serve", "serve", "serve the platform over HTTP, until it is told to stop"))
    .option("--listen <address>", "address and port", "127.0.0.1:8080")
    .option("--upstream <url>", "forward allowed calls of algorithms and data there")
    .option("--identity-secret-file <file>", "sign the identity headers for the upstream with this secret")
    .option("--own-origin <url>", "the gateway's own origin, if it serves pages");
  const admin = program
    .command("admin")
    .description("manage the keys of the management API, on the server's own store");
  withStore(add(admin, "create-key", "admin-create-key", "make an admin key; its token is shown once"))
    .argument("<name>", "who will use it")
    .addOption(
      new Option("--role <role>", "reader: plan; writer: apply; admin: make accounts and admin keys too")
        .choices(["reader", "writer", "admin"])
        .makeOptionMandatory(),
    )
    .option("--account <name>", "bind it to this account (default: every account)")
    .option("--expires <date>", "refuse it after this date or moment")
    .option("--reveal", "write the token even where standard output is no terminal");
  withStore(add(admin, "list-keys", "admin-list-keys", "list admin keys")).option("--json", "write JSON");
  withStore(add(admin, "revoke-key", "admin-revoke-key", "refuse an admin key from now on")).argument(
    "<name>",
    "admin key",
  );

  const terraform = program.command("terraform").description("use the keys from Terraform");
  add(terraform, "install", "terraform-install", "put the provider where terraform init finds it")
    .option(
      "--dir <folder>",
      "a filesystem mirror of your own (default: ~/.terraform.d/plugins, which Terraform knows)",
    )
    .option("--json", "write JSON");

  add(program, "schema", "schema", "print a JSON schema").addArgument(
    new Argument("[kind]", "which one").choices(["manifest", "plan", "report"]).default("manifest"),
  );
  add(program, "completion", "completion", "print a completion script for a shell").addArgument(
    new Argument("<shell>", "shell").choices(["bash", "zsh", "fish"]),
  );
  add(program, "version", "version", "print the version").option("--json", "write JSON");
  return program;
}

type AddCommand = (parent: Command, name: string, runAs: string, description: string) => Command;

/** Whose keys are, what happened to them, and how to take it back. */
function lifeCommands(program: Command, add: AddCommand): void {
  withAccount(add(program, "forget", "forget", "stop managing keys; they stay live with their secrets")).argument(
    "<key...>",
    "keys",
  );
  withAccount(add(program, "history", "history", "who changed what, when and how, newest first"))
    .argument("[key]", "only what happened to this key, also while it had another name")
    .option("--limit <n>", "at most so many change sets", "20")
    .option("--json", "write JSON");
  withAccount(add(program, "import", "import", "write keys that nobody manages as a declaration; nothing is re-issued"))
    .argument("[names...]", "keys")
    .option("--all-unmanaged", "every key that nobody manages")
    .option("--project <name>", "who shall manage them (default: the declaration's)")
    .addOption(
      new Option("--format <format>", "a YAML declaration, a configuration for Terraform, or a CDKTF app")
        .choices(["yaml", "hcl", "typescript"])
        .default("yaml"),
    )
    .option("--out <file>", "write to a file that does not exist yet instead of standard output")
    .option("--into <file>", "add them to this YAML declaration, comments and layout untouched");
  withAccount(add(program, "scan", "scan", "find secrets in files, a git history or standard input, and show none"))
    .argument("<paths...>", "files, folders, or - for standard input")
    .option("--history", "every line that the git history of the paths ever added, and its messages, too")
    .option("--offline", "do not ask the platform which of them work")
    .option("--json", "write JSON");
  withProposal(withAccount(add(program, "undo", "undo", "plan to take a change set back; asks before it writes")))
    .argument("<changeset>", "change set's id from `algokeys history`, or its beginning")
    .option("--project <name>", "in whose name, for keys that no project manages")
    .option("--max-deletes <n>", "allow this many deletes, as a number or a percentage such as 50%")
    .option("--allow-lockout", "allow changes that lock out the key this run authenticates with");
  withProposal(
    withAccount(add(program, "restore", "restore", "plan to bring a deleted key back; asks first")),
  ).argument("<key>", "key");
}

/** What was done to a project's keys outside of it. */
function driftCommands(program: Command, add: AddCommand): void {
  const command = add(program, "drift", "drift", "who changed what of the project's keys since its last apply");
  withDeclaration(command)
    .option("--json", "write JSON")
    .option("--no-places", "do not look whether files and programs still hold the secrets that were delivered there")
    .option("--detailed-exitcode", "exit with 2 if there is drift, or a place holds no working secret");
  withDeclaration(add(command, "accept", "drift-accept", "write the live values into the YAML declaration")).argument(
    "[key...]",
    "keys (default: all that drifted)",
  );
  withProposal(
    withDeclaration(add(command, "revert", "drift-revert", "plan the declared values back; asks before it writes")),
  ).argument("[key...]", "keys (default: all that drifted)");
}

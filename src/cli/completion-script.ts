import type { Argument, Command, Option } from "commander";

/** Shells that completion scripts are written for. */
export type Shell = "bash" | "zsh" | "fish";

/** A word that may come next, and what it is for. */
interface Word {
  readonly text: string;
  readonly about: string;
}

/** One command of the table as completion sees it. */
interface Node {
  /** The command's words after the program's name, such as `keys list`; empty for the program itself. */
  readonly path: string;
  readonly words: readonly Word[];
  /** True if a file may come next. */
  readonly files: boolean;
}

/** The completion script of a shell, made from the command table, so that it cannot fall behind it. */
export function completionScript(shell: Shell, program: Command): string {
  const nodes = walk(program, program, []);
  if (shell === "bash") return bash(program.name(), nodes);
  return shell === "zsh" ? zsh(program.name(), nodes) : fish(program.name(), nodes);
}

function walk(command: Command, program: Command, path: readonly string[]): Node[] {
  const subcommands = command.commands.map((sub) => ({ text: sub.name(), about: sub.description() }));
  const own = command.options.flatMap(optionWords);
  const global = command === program ? [] : program.options.flatMap(optionWords);
  const choices = command.registeredArguments.flatMap((argument) => argument.argChoices ?? []);
  const node: Node = {
    path: path.join(" "),
    words: [...subcommands, ...choices.map((text) => ({ text, about: "" })), ...own, ...global],
    files:
      command.registeredArguments.some(takesFile) || command.options.some((option) => /file|path/.test(option.flags)),
  };
  return [node, ...command.commands.flatMap((sub) => walk(sub, program, [...path, sub.name()]))];
}

function optionWords(option: Option): Word[] {
  return option.long === undefined ? [] : [{ text: option.long, about: option.description }];
}

function takesFile(argument: Argument): boolean {
  return /path|plan|file/.test(argument.name());
}

function bash(name: string, nodes: readonly Node[]): string {
  const cases = nodes.map(
    ({ path, words, files }) =>
      `    "${path}") words="${words.map(({ text }) => text).join(" ")}"; files=${files ? "1" : "0"} ;;`,
  );
  return `# bash completion for ${name}; load it with: source <(${name} completion bash)
_${name}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" path="" words="" files=0 index file
  for ((index = 1; index < COMP_CWORD; index++)); do
    case " ${paths(nodes)} " in
      *" \${path:+$path/}\${COMP_WORDS[index]} "*) path="\${path:+$path/}\${COMP_WORDS[index]}" ;;
    esac
  done
  case "\${path//\\// }" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  if [[ $files == 1 && $word != -* ]]; then
    while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "$word")
  fi
}
complete -o filenames -F _${name} ${name}
`;
}

function zsh(name: string, nodes: readonly Node[]): string {
  const cases = nodes.map(({ path, words, files }) => {
    const list = words.map(({ text, about }) => `'${quoted(text)}:${quoted(about)}'`).join(" ");
    return `    "${path}") words_=(${list}); files=${files ? "1" : "0"} ;;`;
  });
  return `#compdef ${name}
# zsh completion for ${name}; load it with: source <(${name} completion zsh)
_${name}() {
  local path_="" files=0 index
  local -a words_
  for ((index = 2; index < CURRENT; index++)); do
    case " ${paths(nodes)} " in
      *" \${path_:+$path_/}\${words[index]} "*) path_="\${path_:+$path_/}\${words[index]}" ;;
    esac
  done
  case "\${path_//\\// }" in
${cases.join("\n")}
  esac
  _describe '${name}' words_
  (( files )) && _files
}
compdef _${name} ${name}
`;
}

function fish(name: string, nodes: readonly Node[]): string {
  const lines = nodes.flatMap(({ path, words, files }) => {
    const at = `-n '__${name}_at "${path}"'`;
    return [
      ...words.map(({ text, about }) => {
        const word = text.startsWith("--") ? `-l ${text.slice(2)}` : `-a ${text}`;
        return `complete -c ${name} ${at} ${word} -d '${quoted(about)}'`;
      }),
      ...(files ? [`complete -c ${name} ${at} -F`] : []),
    ];
  });
  return `# fish completion for ${name}; load it with: ${name} completion fish | source
function __${name}_at
  set -l path ""
  for word in (commandline -opc)[2..]
    set -l next (string trim "$path $word")
    contains -- $next ${nodes.map(({ path }) => `"${path}"`).join(" ")}; and set path $next
  end
  test "$path" = "$argv[1]"
end
complete -c ${name} -f
${lines.join("\n")}
`;
}

/** Command paths with `/` for the space, so that each is one word of a list. */
function paths(nodes: readonly Node[]): string {
  return nodes.map(({ path }) => path.replaceAll(" ", "/")).join(" ");
}

/** Text within single quotes of a shell, on one line. */
function quoted(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll("'", "’").replaceAll(":", "\\:");
}

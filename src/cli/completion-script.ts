import type { Command } from "commander";
import { completionWords, type CommandWords, type OptionWord } from "./completion-words.ts";

/** Shells that completion scripts are written for. */
export type Shell = "bash" | "zsh" | "fish";

/** The completion script of a shell: commands, options, and the values that an option can have. */
export function completionScript(shell: Shell, program: Command): string {
  const commands = completionWords(program);
  if (shell === "bash") return bash(program.name(), commands);
  return shell === "zsh" ? zsh(program.name(), commands) : fish(program.name(), commands);
}

function bash(name: string, commands: readonly CommandWords[]): string {
  const cases = commands.map(({ path, words, options, files }) => {
    const all = [...words, ...options.filter(isLong)].map(({ text }) => text).join(" ");
    return `    "${path}") words="${all}"; files=${files ? "1" : "0"} ;;`;
  });
  return `# bash completion for ${name}; load it with: source <(${name} completion bash)
_${name}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" path="" words="" files=0 index file
  local option="\${COMP_WORDS[COMP_CWORD-1]}"
  for ((index = 1; index < COMP_CWORD; index++)); do
    case " ${paths(commands)} " in
      *" \${path:+$path/}\${COMP_WORDS[index]} "*) path="\${path:+$path/}\${COMP_WORDS[index]}" ;;
    esac
  done
  case "\${path//\\// }" in
${cases.join("\n")}
  esac
  # The shell makes words of their own of an equals sign and what is on either side of it.
  if [[ $word == = ]]; then word=""
  elif [[ $option == = ]] && ((COMP_CWORD > 1)); then option="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  case "$option" in
${valueCases(commands, ({ value }) => (value === "files" ? `words=""; files=1` : `words="${list(value)}"; files=0`))}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  if [[ $files == 1 && $word != -* ]]; then
    while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "$word")
  fi
}
complete -o filenames -F _${name} ${name}
`;
}

function zsh(name: string, commands: readonly CommandWords[]): string {
  const cases = commands.map(({ path, words, options, files }) => {
    const all = [...words, ...options.filter(isLong)];
    const described = all.map(({ text, about }) => `'${quoted(text)}:${quoted(about)}'`).join(" ");
    return `    "${path}") words_=(${described}); files=${files ? "1" : "0"} ;;`;
  });
  return `#compdef ${name}
# zsh completion for ${name}; load it with: source <(${name} completion zsh)
_${name}() {
  local path_="" files=0 index option="\${words[CURRENT-1]}"
  local -a words_
  for ((index = 2; index < CURRENT; index++)); do
    case " ${paths(commands)} " in
      *" \${path_:+$path_/}\${words[index]} "*) path_="\${path_:+$path_/}\${words[index]}" ;;
    esac
  done
  case "\${path_//\\// }" in
${cases.join("\n")}
  esac
  if [[ "\${words[CURRENT]}" == --*=* ]]; then
    option="\${words[CURRENT]%%=*}"
    compset -P '*='
  fi
  case "$option" in
${valueCases(commands, ({ value }) => (value === "files" ? "words_=(); files=1" : `words_=(${list(value)}); files=0`))}
  esac
  _describe '${name}' words_
  (( files )) && _files
}
compdef _${name} ${name}
`;
}

function fish(name: string, commands: readonly CommandWords[]): string {
  const lines = commands.flatMap(({ path, words, options, files }) => {
    const at = `complete -c ${name} -n '__${name}_at "${path}"'`;
    return [
      ...words.map(({ text, about }) => `${at} -a ${text} -d '${quoted(about)}'`),
      ...options.map((option) => {
        const word = isLong(option) ? `-l ${option.text.slice(2)}` : `-s ${option.text.slice(1)}`;
        return `${at} ${word}${fishValue(option)} -d '${quoted(option.about)}'`;
      }),
      ...(files ? [`${at} -F`] : []),
    ];
  });
  return `# fish completion for ${name}; load it with: ${name} completion fish | source
function __${name}_at
  set -l path ""
  for word in (commandline -opc)[2..]
    set -l next (string trim "$path $word")
    contains -- $next ${commands.map(({ path }) => `"${path}"`).join(" ")}; and set path $next
  end
  test "$path" = "$argv[1]"
end
complete -c ${name} -f
${lines.join("\n")}
`;
}

/** `-r` wants a value, `-F` one that is a file, `-x` one that is none. */
function fishValue({ value }: OptionWord): string {
  if (value === "none") return "";
  if (value === "files") return " -r -F";
  return value.length === 0 ? " -x" : ` -x -a '${value.join(" ")}'`;
}

/** Cases for the options that take a value; every option means the same wherever it stands. */
function valueCases(commands: readonly CommandWords[], body: (option: OptionWord) => string): string {
  const bySpelling = new Map(
    commands.flatMap(({ options }) => options.map((option) => [option.text, option] as const)),
  );
  const taking = [...bySpelling.values()].filter(({ value }) => value !== "none");
  return taking.map((option) => `    ${option.text}) ${body(option)} ;;`).join("\n");
}

function list(value: OptionWord["value"]): string {
  return typeof value === "string" ? "" : value.join(" ");
}

function isLong({ text }: OptionWord): boolean {
  return text.startsWith("--");
}

/** Command paths with `/` for the space, so that each is one word of a list. */
function paths(commands: readonly CommandWords[]): string {
  return commands.map(({ path }) => path.replaceAll(" ", "/")).join(" ");
}

/** Text within single quotes of a shell, on one line. */
function quoted(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll("'", "’").replaceAll(":", "\\:");
}

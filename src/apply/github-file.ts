import type { FileFormat } from "./file-sink.ts";

/** The form of a variable's or an output's name. */
const NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,127}$/;

/**
 * The files that `$GITHUB_ENV` and `$GITHUB_OUTPUT` name, as GitHub's runner reads them: `NAME=value` lines, and blocks of
 * lines up to a delimiter. A value is appended as a block; the delimiter is drawn, so that no value can end it early.
 */
export function githubFormat(delimiter: () => string): FileFormat {
  return {
    set(bytes, name, value) {
      if (!NAME.test(name)) return { ok: false, why: `cannot hold ${name}: it is not a name` };
      if (value.includes("\0") || !value.isWellFormed())
        return { ok: false, why: `cannot hold the secret of ${name}: it is no plain text` };
      const end = delimiter();
      if (value.split("\n").includes(end))
        return { ok: false, why: `cannot hold the secret of ${name}: it holds its own delimiter` };
      const before = bytes ?? Buffer.alloc(0);
      const gap = before.length === 0 || before.at(-1) === 0x0a ? "" : "\n";
      return { ok: true, bytes: Buffer.concat([before, Buffer.from(`${gap}${name}<<${end}\n${value}\n${end}\n`)]) };
    },
    get(bytes, name) {
      let found: string | undefined;
      const lines = bytes.toString().split("\n");
      for (let index = 0; index < lines.length; index++) {
        const [, key, mark, rest = ""] = /^(.*?)(=|<<)(.*)$/s.exec(lines[index] ?? "") ?? [];
        let value = rest;
        if (mark === "<<") {
          const close = lines.indexOf(rest, index + 1);
          if (close === -1) return undefined; // the runner refuses the whole file
          value = lines.slice(index + 1, close).join("\n");
          index = close;
        }
        if (key === name) found = value;
      }
      return found;
    },
  };
}

import type { Style } from "../report/style.ts";
import { inCi, type Context, type OutputStream } from "./context.ts";
import type { GlobalOptions } from "./options.ts";

const WIDTH = { fallback: 100, least: 40, most: 160 } as const;

/** How a stream is written to: colour only on a terminal that wants it, `NO_COLOR` and `--color` respected. */
export function styleFor(stream: OutputStream, options: Pick<GlobalOptions, "color">, context: Context): Style {
  return { color: wantsColor(stream, options, context), unicode: wantsUnicode(context), width: width(stream, context) };
}

function wantsColor(stream: OutputStream, options: Pick<GlobalOptions, "color">, context: Context): boolean {
  const when = options.color;
  if (when !== "auto") return when === "always";
  const { NO_COLOR: no = "", TERM: term } = context.env;
  return no === "" && term !== "dumb" && stream.isTTY === true && !inCi(context);
}

/** A locale that is set and is not UTF-8 asks for ASCII. */
function wantsUnicode(context: Context): boolean {
  const { LC_ALL: all, LC_CTYPE: type, LANG: lang } = context.env;
  const locale = [all, type, lang].find((value) => value !== undefined && value !== "");
  return locale === undefined || /utf-?8/i.test(locale);
}

function width(stream: OutputStream, context: Context): number {
  // A terminal that does not know its width says 0.
  const known = [stream.columns, Number(context.env["COLUMNS"])];
  const columns = known.find((value) => value !== undefined && value > 0) ?? WIDTH.fallback;
  return Math.min(Math.max(Math.floor(columns), WIDTH.least), WIDTH.most);
}

/** A line on the terminal that says what a slow step is doing; gone when it ends. Nothing is written without a terminal. */
export interface Progress {
  say(text: string): void;
  end(): void;
}

/** Steps that end sooner than this show nothing. */
const PROGRESS_DELAY_MS = 400;

/** A {@link Progress} on standard error. */
export function progressOn(context: Context): Progress {
  const start = context.now();
  let shown = false;
  return {
    say(text) {
      if (context.stderr.isTTY !== true || context.now() - start < PROGRESS_DELAY_MS) return;
      context.stderr.write(`\r\u001b[K${text}`);
      shown = true;
    },
    end() {
      if (shown) context.stderr.write("\r\u001b[K");
    },
  };
}

import { plural } from "./shown.ts";

/** No line of a comment is longer, in characters. */
const MAX_LINE = 400;

/**
 * A hidden line by which a bot finds its own comment again to replace it. Only plain characters get in, so that the
 * comment cannot be ended early.
 */
export function markerLine(kind: string, account: string, project: string): string {
  const safe = `${account}/${project}`.replace(/[^A-Za-z0-9._/-]/g, "_").replace(/--+/g, "-");
  return `<!-- algokeys ${kind} ${safe.slice(0, 140)} -->`;
}

/**
 * Lines in a code block, where nothing is a mention, a link, a heading or HTML. The fence is longer than any run of
 * backticks in them. At most `room` characters: what does not fit is counted in a line below the block.
 */
export function codeBlock(lines: readonly string[], what: string, room: number, language = "text"): string {
  const cut = lines.map(cutLine);
  const fence = "`".repeat(1 + cut.reduce((longest, line) => Math.max(longest, longestBackticks(line)), 2));
  const frame = 2 * fence.length + language.length + 120;
  let left = room - frame;
  const fitting = cut.findIndex((line) => (left -= line.length + 1) < 0);
  const listed = fitting === -1 ? cut : cut.slice(0, fitting);
  const missing = cut.length - listed.length;
  const note = missing === 0 ? "" : `\n\n**${plural(missing, what)} not shown.**`;
  return `${fence}${language}\n${listed.join("\n")}\n${fence}${note}`;
}

/** A part that is closed until it is clicked. `title` is our own text, never a value. */
export function collapsed(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}

function cutLine(line: string): string {
  if (line.length <= MAX_LINE) return line;
  // Half a surrogate pair would be no character at all.
  return `${line.slice(0, MAX_LINE - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

function longestBackticks(line: string): number {
  return Math.max(0, ...Array.from(line.matchAll(/`+/g), ([run]) => run.length));
}

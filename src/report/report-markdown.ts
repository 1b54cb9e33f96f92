import type { ApplyReport } from "../apply/events.ts";
import { codeBlock, collapsed, markerLine } from "./markdown.ts";
import { reportView } from "./report-view.ts";
import { joined, plural, shown } from "./shown.ts";
import type { Style } from "./style.ts";

const STYLE: Style = { color: false, unicode: true, width: Infinity };

/** What an apply did, as a comment on a pull request: the outcome first, every name in code, under 60,000 characters. */
export function reportMarkdown(report: ApplyReport): string {
  const view = reportView(report, STYLE);
  const { changes, secrets, withheld, withoutCredential, problem } = view;
  const changed = changes.map(({ action, text }) => `${action === "delete" ? "-" : "+"} ${text}`);
  const parts = [
    markerLine("report", shown(report.account), shown(report.project)),
    `**${view.outcome}**`,
    ...(problem === null
      ? []
      : [codeBlock([`error: ${problem.summary} [${problem.code}]`, `  fix: ${problem.fix}`], "line", 2_000)]),
    ...(withoutCredential === null ? [] : [codeBlock([withoutCredential], "line", 2_000)]),
    ...(withheld.length === 0
      ? []
      : [
          codeBlock(
            withheld.map((text) => `error: ${text}`),
            "secret",
            10_000,
          ),
        ]),
    ...(secrets.length === 0
      ? []
      : [
          codeBlock(
            secrets.map(({ ok, text }) => `${ok ? "" : "error: "}${text}`),
            "secret",
            20_000,
          ),
        ]),
    ...(changes.length === 0
      ? []
      : [collapsed(`Show ${plural(changes.length, "change")}`, codeBlock(changed, "more change", 30_000, "diff"))]),
  ];
  return joined(parts.join("\n\n").split("\n"));
}

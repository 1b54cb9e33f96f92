import type { ApplyReport } from "../apply/events.ts";
import { problemLines } from "./problem-block.ts";
import { reportView } from "./report-view.ts";
import { joined } from "./shown.ts";
import { paint, type Style } from "./style.ts";
import { wrapped } from "./wrap.ts";

/** What an apply did, for people: secrets, what is left to do, what went wrong, and exact counts last. */
export function reportText(report: ApplyReport, style: Style): string {
  const view = reportView(report, style);
  const ok = report.outcome === "applied" || report.outcome === "nothing-to-do";
  const secrets = view.secrets.flatMap((secret) =>
    wrapped(secret.ok ? secret.text : paint(style, "red", secret.text), style.width, "    "),
  );
  const sections = [
    secrets,
    view.withheld.flatMap((text) => wrapped(paint(style, "red", text), style.width, "    ")),
    view.withoutCredential === null ? [] : wrapped(view.withoutCredential, style.width, "  "),
    view.problem === null ? [] : problemLines({ severity: "error", ...view.problem }, style),
    // Never wrapped: scripts look for this line.
    [paint(style, "bold", paint(style, ok ? "green" : "red", view.outcome))],
  ].filter((section) => section.length > 0);
  return joined(
    sections.flatMap((section, index) => (index === 0 ? section : ["", ...section])),
    style,
  );
}

import type { ApplyReport } from "../apply/events.ts";
import { jsonDocument } from "./shown.ts";

/** The report of an apply for programs, as `schemas/report.schema.json` documents it. */
export function reportJson(report: ApplyReport): string {
  return jsonDocument(report);
}

import { applyPlan } from "../apply/apply.ts";
import type { ApplyReport } from "../apply/events.ts";
import type { Plan } from "../plan/plan.ts";
import { eventText } from "../report/events-text.ts";
import { reportJson } from "../report/report-json.ts";
import { reportMarkdown } from "../report/report-markdown.ts";
import { reportText } from "../report/report-text.ts";
import type { Context } from "./context.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { CommandFailure } from "./failure.ts";
import type { GlobalOptions, OutputFormat } from "./options.ts";
import { styleFor } from "./output.ts";
import { sha256 } from "./plan-input.ts";
import { withPlatform } from "./platform.ts";
import { isEmptyPlan } from "../plan/plan.ts";

/** How a plan is carried out. */
export interface CarryOut {
  readonly url: string;
  readonly format: OutputFormat;
  /** True if secrets without a delivery are to be shown on the terminal. */
  readonly reveal: boolean;
  readonly options: Pick<GlobalOptions, "color">;
}

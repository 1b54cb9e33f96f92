import { setTimeout as wait } from "node:timers/promises";
import type { KeyApiErrorCode } from "../api/errors.ts";
import { applyPlan, emptyReport, type ApplyPorts } from "../apply/apply.ts";
import type { ApplyReport } from "../apply/events.ts";
import type { RunnerLease } from "../apply/runner-lease.ts";
import { isEmptyPlan, type Plan } from "../plan/plan.ts";
import { eventText } from "../report/events-text.ts";
import { reportJson } from "../report/report-json.ts";
import { reportMarkdown } from "../report/report-markdown.ts";
import { reportText } from "../report/report-text.ts";
import type { KeyApi } from "../api/key-api.ts";
import type { Context } from "./context.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { API_EXIT } from "./failure.ts";
import type { GlobalOptions, OutputFormat } from "./options.ts";
import { styleFor } from "./output.ts";
import { sha256 } from "./plan-input.ts";
import { runSinks } from "./run-sinks.ts";
import { runnerPorts } from "./runner-ports.ts";
import { refuseDeliveryIntoPlatform, withPlatform } from "./platform.ts";
import { sentence } from "../report/shown.ts";

/** How a plan is carried out. */
export interface CarryOut {
  readonly url: string;
  readonly format: OutputFormat;
  /** True if secrets without a delivery are to be shown on the terminal. */
  readonly reveal: boolean;
  /** True for a plan that was saved, so that its text has not been shown in this run. */
  readonly saved: boolean;
  readonly options: Pick<GlobalOptions, "color">;
  /** The run's lease on the plan's project. */
  readonly lease: RunnerLease;
}

/**
 * Carries a plan out and writes what happened: events as they come on standard error, the report on standard output. An
 * empty plan opens no platform, so it cannot write.
 */
export async function carryOut(plan: Plan, how: CarryOut, context: Context): Promise<ExitCode> {
  if (isEmptyPlan(plan)) return reportNothing(plan, how, context);
  refuseDeliveryIntoPlatform(plan, how.url, context);
  return await withPlatform(how.url, context, async ({ api }) => {
    const run = applyPlan(plan, portsOf(api, how, context));
    const style = styleFor(context.stderr, how.options, context);
    let step = await run.next();
    while (step.done !== true) {
      // What became of each secret stands in the report.
      const inReport = ["secret-delivered", "secret-revealed", "delivery-failed"].includes(step.value.type);
      if (how.format === "text" && !inReport) context.stderr.write(eventText(step.value, style));
      step = await run.next();
    }
    return writeReport(step.value, how, context);
  });
}

/** Writes the report of a plan that is empty: nothing is opened, taken or written. */
export function reportNothing(plan: Plan, how: Omit<CarryOut, "lease">, context: Context): ExitCode {
  return writeReport(emptyReport(plan), how, context);
}

/** An id of the form that change sets and credentials take: 128 random bits. */
export function newId(context: Context): string {
  return Buffer.from(context.random(16)).toString("base64url");
}

function portsOf(api: KeyApi, how: CarryOut, context: Context): ApplyPorts {
  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    await wait(ms, undefined, signal === undefined ? {} : { signal });
  };
  const ports = {
    api,
    random: context.random,
    sha256,
    newId: () => newId(context),
    sinks: runSinks(context, runnerPorts(how.format, context)),
    sleep,
    signal: context.signal,
    lease: how.lease,
  };
  if (!how.reveal) return ports;
  return {
    ...ports,
    reveal: (key, secret) => {
      context.stdout.write(sentence`${key}, shown this once: ` + `${secret.reveal()}\n`);
      return Promise.resolve();
    },
  };
}

function writeReport(report: ApplyReport, how: Omit<CarryOut, "lease">, context: Context): ExitCode {
  if (how.format === "json") context.stdout.write(reportJson(report));
  else if (how.format === "markdown") context.stdout.write(reportMarkdown(report));
  // A fresh empty plan has just said so itself.
  else if (report.outcome !== "nothing-to-do" || how.saved) {
    context.stdout.write(reportText(report, styleFor(context.stdout, how.options, context)));
  }
  if (report.outcome === "applied-in-part") return EXIT.appliedInPart;
  return report.error === null ? EXIT.ok : exitOf(report.error.code);
}

function exitOf(code: KeyApiErrorCode | "cancelled" | "delivery"): ExitCode {
  if (code === "cancelled") return EXIT.cancelled;
  // The guards passed when the plan was made: what conflicts now has changed since.
  if (code === "conflict") return EXIT.stale;
  return code === "delivery" ? EXIT.appliedInPart : API_EXIT[code];
}

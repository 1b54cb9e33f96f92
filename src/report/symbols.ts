import type { PlanAction } from "../plan/plan.ts";
import { paint, type Paint, type Style } from "./style.ts";

/** How an action is marked; the sentence beside it says the same in words. */
const ACTIONS: Readonly<Record<PlanAction, { readonly mark: string; readonly ascii: string; readonly colour: Paint }>> =
  {
    adopt: { mark: "<=", ascii: "<=", colour: "cyan" },
    "take-over": { mark: "<=", ascii: "<=", colour: "yellow" },
    create: { mark: "+", ascii: "+", colour: "green" },
    restore: { mark: "+", ascii: "+", colour: "cyan" },
    rename: { mark: ">", ascii: ">", colour: "cyan" },
    update: { mark: "~", ascii: "~", colour: "yellow" },
    issue: { mark: "↻", ascii: "%", colour: "yellow" },
    delete: { mark: "-", ascii: "-", colour: "red" },
  };

const LINES: Readonly<Record<"+" | "~" | "-" | "=", Paint>> = { "+": "green", "~": "yellow", "-": "red", "=": "dim" };

/** The painted symbol of an action. */
export function actionSymbol(action: PlanAction, style: Style): string {
  const { mark, ascii, colour } = ACTIONS[action];
  return paint(style, colour, style.unicode ? mark : ascii);
}

/** The painted symbol of an attribute line. */
export function lineSymbol(symbol: "+" | "~" | "-" | "=", style: Style): string {
  return paint(style, LINES[symbol], symbol);
}

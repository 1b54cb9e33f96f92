/** A path into a declaration or a spec: property names and list positions, outermost first. */
export type AttributePath = readonly (string | number)[];

/** Formats a path as people write it: `keys.web.algorithms[0]`; a name that is not a plain word is quoted. */
export function formatPath(path: AttributePath): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${String(step)}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

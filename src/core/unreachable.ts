/** Marks a branch that the types rule out. Reaching it is our bug, so it throws plainly (design: "our bug"). */
export function unreachable(value: never, what = "value"): never {
  throw new Error(`unreachable ${what}: ${JSON.stringify(value)}`);
}

import type { ManifestKey } from "../../src/core/manifest.ts";
import { key } from "../apply/world.ts";
import type { Draws } from "./draws.ts";

export type Declared = ManifestKey;

const A = { to: "dotenv", file: ".env", name: "A" } as const;
const B = { to: "dotenv", file: ".env", name: "B" } as const;
const B_TOO = { to: "json", file: "s.json", name: "/b" } as const;
const C = { to: "json", file: "s.json", name: "/c" } as const;
const C_TOO = { to: "dotenv", file: ".env.c", name: "C" } as const;
/** Short, so that it falls due while a schedule lasts. */
const ROTATION = { every: "12h", overlap: "1h" } as const;

/**
 * A declaration as its author may have it today: `a`, also under another name; `b`, whose secret goes to two files and is
 * rotated in time; `c`, whose places change; and `bare`, which is given none.
 */
export function declarations(chance: Draws): readonly Declared[] {
  const spec = () => ({ data: chance.pick(["none", "read", "readwrite"] as const) });
  const a = chance.pick([
    [key("a", { deliver: [A], spec: spec() })],
    [key("a", { deliver: [A], spec: spec(), renamedFrom: "d" })],
    [key("d", { deliver: [A], spec: spec(), renamedFrom: "a" })],
    [],
  ]);
  const b = chance.chance(0.7) ? [key("b", { deliver: [B, B_TOO], spec: { ...spec(), rotation: ROTATION } })] : [];
  const c = chance.chance(0.6) ? [key("c", { deliver: chance.pick([[C], [C, C_TOO], [C_TOO]]), spec: spec() })] : [];
  const bare = chance.chance(0.3) ? [key("bare", { spec: spec() })] : [];
  return [...a, ...b, ...bare, ...c].sort((left, right) => (left.name < right.name ? -1 : 1));
}

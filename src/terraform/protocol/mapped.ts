/** The same names with other values. `__proto__` is a name like any other. */
export function mapped<From, To>(
  from: Readonly<Record<string, From>>,
  map: (value: From, name: string) => To,
): Record<string, To> {
  const to: Record<string, To> = {};
  // A loop, because each value of each object of each call comes by here.
  for (const name of Object.keys(from)) {
    const value = map(from[name] as From, name);
    if (name === "__proto__") Object.defineProperty(to, name, { value, ...PLAIN });
    else to[name] = value;
  }
  return to;
}

const PLAIN = { enumerable: true, writable: true, configurable: true };

/** Texts longer than this are read anew each time, so that nobody fills the memory. */
const LONGEST = 300;

/**
 * A reader that remembers what it made of some texts, `capacity` of them at most: whoever judges many requests reads the
 * same few again and again, and looking one up costs a tenth of reading it. `read` must be pure. Where it makes nothing of
 * a text (undefined), nothing is remembered.
 */
export function remembered<Value>(read: (text: string) => Value, capacity: number): (text: string) => Value {
  const known = new Map<string, Value>();
  return (text) => {
    if (text.length > LONGEST) return read(text);
    const found = known.get(text);
    if (found !== undefined) return found;
    const value = read(text);
    if (value === undefined) return value;
    // To forget all at once costs less than to keep account of what was used last.
    if (known.size >= capacity) known.clear();
    known.set(text, value);
    return value;
  };
}

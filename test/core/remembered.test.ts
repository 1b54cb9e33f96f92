import { expect, test } from "vitest";
import { remembered } from "../../src/core/remembered.ts";

function counting(capacity: number): { reads: string[]; read: (text: string) => string | undefined } {
  const reads: string[] = [];
  const read = remembered((text): string | undefined => {
    reads.push(text);
    return text.startsWith("no") ? undefined : text.toUpperCase();
  }, capacity);
  return { reads, read };
}

test("a text that was read is not read again, and gives the same", () => {
  const { reads, read } = counting(10);
  expect([read("a"), read("b"), read("a"), read("b")]).toEqual(["A", "B", "A", "B"]);
  expect(reads).toEqual(["a", "b"]);
});

test("what nothing was made of is read again each time", () => {
  const { reads, read } = counting(10);
  expect([read("no"), read("no")]).toEqual([undefined, undefined]);
  expect(reads).toHaveLength(2);
});

test("texts past the capacity, and long ones, take no memory and are read right all the same", () => {
  const { reads, read } = counting(2);
  expect(["a", "b", "c", "a", "c", "a"].map(read)).toEqual(["A", "B", "C", "A", "C", "A"]);
  expect(reads).toEqual(["a", "b", "c", "a"]);
  const long = "x".repeat(301);
  expect([read(long), read(long)]).toEqual([long.toUpperCase(), long.toUpperCase()]);
  expect(reads).toHaveLength(6);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { durationMs, formatDuration } from "../../src/core/duration.ts";
import { parseInstant } from "../../src/core/instant.ts";

const DAY = 86_400_000;

describe("durations", () => {
  test.each([
    ["0s", 0],
    ["45s", 45_000],
    ["30m", 1_800_000],
    ["24h", DAY],
    ["90d", 90 * DAY],
    ["2w", 14 * DAY],
    ["3650d", 3650 * DAY],
    ["315360000s", 3650 * DAY],
  ])("%s is %d ms", (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  test.each([
    "",
    "d",
    "90",
    "90 d",
    " 90d",
    "90d\n",
    "-1d",
    "+1d",
    "1.5d",
    "01d",
    "1D",
    "1y",
    "1d12h",
    "٣d",
    "3651d",
    "522w",
    "9999999999s",
    "1e3s",
  ])("%j is none", (text) => {
    expect(durationMs(text)).toBeUndefined();
  });

  test.each([
    ["48h", "2d"],
    ["2w", "14d"],
    ["3600s", "1h"],
    ["90m", "90m"],
    ["0w", "0s"],
    ["86401s", "86401s"],
  ])("%s compares as %s", (text, form) => {
    expect(formatDuration(durationMs(text) ?? NaN)).toBe(form);
  });

  test("the comparison form says the same and is its own form", () => {
    const text = fc
      .tuple(fc.integer({ min: 0, max: 500 }), fc.constantFrom("s", "m", "h", "d", "w"))
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, text, (left, right) => {
        const forms = [left, right].map((written) => formatDuration(durationMs(written) ?? NaN));
        expect(durationMs(forms[0] ?? "")).toBe(durationMs(left));
        expect(forms[0] === forms[1]).toBe(durationMs(left) === durationMs(right));
      }),
    );
  });
});

describe("instants", () => {
  test.each([
    ["2027-01-31", "2027-01-31T00:00:00Z"],
    ["2027-01-31T00:00:00Z", "2027-01-31T00:00:00Z"],
    ["2027-01-31t10:20:30z", "2027-01-31T10:20:30Z"],
    ["2027-01-31T10:20:30.987654321Z", "2027-01-31T10:20:30Z"],
    ["2027-01-31T23:30:00-01:00", "2027-02-01T00:30:00Z"],
    ["2027-01-01T00:30:00+05:45", "2026-12-31T18:45:00Z"],
    ["2028-02-29", "2028-02-29T00:00:00Z"],
    ["0001-01-01", "0001-01-01T00:00:00Z"],
    ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"],
  ])("%s is %s", (text, instant) => {
    expect(parseInstant(text)).toBe(instant);
  });

  test.each([
    "",
    "soon",
    "2027",
    "2027-1-31",
    "2027-01-31 00:00:00Z",
    "2027-01-31T00:00:00",
    "2027-01-31T00:00Z",
    "2027-01-31Z",
    "2027-04-31",
    "2027-02-29",
    "2027-00-10",
    "2027-13-01",
    "2027-01-00",
    "2027-01-31T24:00:00Z",
    "2027-01-31T25:00:00Z",
    "2027-01-31T00:60:00Z",
    "2027-01-31T00:00:60Z",
    "2027-01-31T00:00:00+24:00",
    "2027-01-31T00:00:00+00:60",
    "2027-01-31T00:00:00+0100",
    "2027-01-31T00:00:00.Z",
    "2027-01-31T00:00:00Z\n",
    " 2027-01-31",
    "+002027-01-31",
    "9999-12-31T23:59:59-01:00",
    "0000-01-01T00:00:00+01:00",
  ])("%j is none", (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  test("every moment with whole seconds has one form, whatever offset it is written with", () => {
    const first = new Date("0001-01-02T00:00:00Z");
    const moment = fc.date({ min: first, max: new Date("9999-12-30T00:00:00Z"), noInvalidDate: true });
    fc.assert(
      fc.property(moment, fc.integer({ min: -1439, max: 1439 }), (date, minutes) => {
        const form = date.toISOString().replace(/\.\d{3}Z$/, "Z");
        const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, 19);
        const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60].map((part) =>
          String(part).padStart(2, "0"),
        );
        expect(parseInstant(`${local}${minutes < 0 ? "-" : "+"}${String(hours)}:${String(rest)}`)).toBe(form);
        expect(parseInstant(form)).toBe(form);
      }),
    );
  });
});

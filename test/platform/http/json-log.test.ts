import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { jsonLog } from "../../../src/platform/http/json-log.ts";
import { serverMetrics } from "../../../src/platform/http/metrics.ts";
import { requestRecorder } from "../../../src/platform/http/request-record.ts";

const NOW = Date.parse("2026-03-01T12:00:00.000Z");

/** A stream that keeps what it is given; `take` says when it has taken a write. */
function kept(take: (done: (error?: Error) => void) => void): { readonly stream: Writable; readonly writes: string[] } {
  const writes: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      writes.push(chunk.toString());
      take(done);
    },
  });
  return { stream, writes };
}

const FACTS = { requestId: "a-1", method: "GET", status: 200, milliseconds: 1.23456, cut: false } as const;

test("lines go out together, each of them JSON, whatever is in them", async () => {
  const { stream, writes } = kept((done) => {
    done();
  });
  const log = jsonLog(stream, () => NOW);
  const record = requestRecorder(log, serverMetrics("1"));
  record({ ...FACTS, route: "/v2/whoami", caller: '"}\n', reason: "any" });
  record({ ...FACTS, cut: true, keyId: "k", account: "acme" });
  log.write("bug", { message: 'a "quoted"\nthing', stack: undefined });
  log.write("draining", {});
  await log.flush();
  expect(writes).toHaveLength(1);
  const time = "2026-03-01T12:00:00.000Z";
  const request = { time, event: "request", request: "a-1", method: "GET", status: 200, ms: 1.235 };
  expect(
    writes[0]
      ?.trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    { ...request, route: "/v2/whoami", caller: '"}\n', reason: "any" },
    { ...request, route: "unmatched", key: "k", account: "acme", cut: true },
    { time, event: "bug", message: 'a "quoted"\nthing' },
    { time, event: "draining" },
  ]);
});

test("a stream that does not keep up gets what fits, and then how many lines did not", async () => {
  let release: () => void = () => undefined;
  const { stream, writes } = kept((done) => {
    release = () => {
      release = () => undefined;
      done();
    };
  });
  const log = jsonLog(stream, () => NOW);
  const message = "x".repeat(100_000);
  for (let count = 0; count < 100; count++) log.write("noise", { message });
  const flushed = log.flush();
  for (let turn = 0; turn < 200; turn++) {
    release();
    await new Promise(setImmediate);
  }
  await flushed;
  log.write("noise", { message });
  void log.flush();
  const lines = writes.join("").trimEnd().split("\n");
  const told = lines.filter((line) => line.includes('"event":"noise"')).length;
  const dropped = lines
    .map((line) => (JSON.parse(line) as { count?: number }).count ?? 0)
    .reduce((sum, count) => sum + count);
  expect([dropped > 0, told + dropped]).toEqual([true, 101]);
});

test("a stream that fails ends the log and nothing else", async () => {
  const { stream } = kept((done) => {
    done(new Error("no space left"));
  });
  const log = jsonLog(stream, () => NOW);
  log.write("one", {});
  await log.flush();
  log.write("two", {});
  await log.flush();
});

test("metrics are what a collector reads: escaped labels, buckets that add up", () => {
  const metrics = serverMetrics('1"\\\n');
  metrics.countRequest("/a", 200, 0.0007);
  metrics.countRequest("/a", 200, 0.001);
  metrics.countRequest("/a", 503, 99);
  metrics.countReason("not_in_list");
  const text = metrics.render({ algokeys_usage_pending: 7 });
  const lines = text.split("\n");
  expect(lines).toContain('algokeys_build_info{version="1\\"\\\\\\n"} 1');
  expect(lines).toContain('algokeys_requests_total{route="/a",status="200"} 2');
  expect(lines).toContain('algokeys_requests_total{route="/a",status="503"} 1');
  expect(lines).toContain('algokeys_decisions_total{reason="not_in_list"} 1');
  expect(lines).toContain('algokeys_request_duration_seconds_bucket{le="0.0005"} 0');
  expect(lines).toContain('algokeys_request_duration_seconds_bucket{le="0.001"} 2');
  expect(lines).toContain('algokeys_request_duration_seconds_bucket{le="10"} 2');
  expect(lines).toContain('algokeys_request_duration_seconds_bucket{le="+Inf"} 3');
  expect(lines).toContain("algokeys_usage_pending 7");
  expect(text.endsWith("\n")).toBe(true);
});

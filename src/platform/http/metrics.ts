/** Counts what the server does, for a collector to read. */
export interface Metrics {
  /** `route` is a template, so that there are few. */
  countRequest(route: string, status: number, seconds: number): void;
  /** Why a call was allowed or refused; one of a fixed list. */
  countReason(reason: string): void;
  /** The text that Prometheus reads (exposition format 0.0.4). */
  render(gauges: Readonly<Record<string, number>>): string;
}

/** The media type of {@link Metrics.render}. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Upper bounds of the histogram of durations, in seconds. */
const BOUNDS: readonly number[] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Makes the counters. `version` is that of this program. */
export function serverMetrics(version: string): Metrics {
  const requests = new Map<string, Map<number, { count: number }>>();
  const reasons = new Map<string, number>();
  // One more than there are bounds: what took longer than the last of them.
  const durations = BOUNDS.concat(Infinity).map(() => 0);
  let total = 0;

  return {
    countRequest: (route, status, seconds) => {
      let byStatus = requests.get(route);
      if (byStatus === undefined) requests.set(route, (byStatus = new Map<number, { count: number }>()));
      const counter = byStatus.get(status);
      if (counter === undefined) byStatus.set(status, { count: 1 });
      else counter.count += 1;
      let slot = 0;
      while (seconds > (BOUNDS[slot] ?? Infinity)) slot += 1;
      durations[slot] = (durations[slot] ?? 0) + 1;
      total += seconds;
    },
    countReason: (reason) => {
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    },
    render: (gauges) => {
      const byRoute = [...requests].flatMap(([route, byStatus]) =>
        [...byStatus].map(([status, { count }]) =>
          sample("algokeys_requests_total", { route, status: `${status}` }, count),
        ),
      );
      const byReason = [...reasons].map(([reason, count]) => sample("algokeys_decisions_total", { reason }, count));
      return [
        ...family("algokeys_build_info", "gauge", "The version that runs.", [
          sample("algokeys_build_info", { version }, 1),
        ]),
        ...family("algokeys_requests_total", "counter", "Requests that ended, by route and status.", byRoute),
        ...family("algokeys_decisions_total", "counter", "Calls with keys, by the reason of the decision.", byReason),
        ...family(
          "algokeys_request_duration_seconds",
          "histogram",
          "From the end of a request's headers to the end of its answer.",
          histogram("algokeys_request_duration_seconds", durations, total),
        ),
        ...Object.entries(gauges).flatMap(([name, value]) =>
          family(name, "gauge", undefined, [sample(name, {}, value)]),
        ),
        "",
      ].join("\n");
    },
  };
}

function family(name: string, type: string, help: string | undefined, samples: readonly string[]): readonly string[] {
  const about = help === undefined ? [] : [`# HELP ${name} ${help}`];
  return [...about, `# TYPE ${name} ${type}`, ...samples];
}

function histogram(name: string, counts: readonly number[], total: number): readonly string[] {
  let sum = 0;
  const buckets = counts.map((count, index) => {
    sum += count;
    return sample(`${name}_bucket`, { le: index < BOUNDS.length ? `${BOUNDS[index] ?? 0}` : "+Inf" }, sum);
  });
  return [...buckets, sample(`${name}_sum`, {}, total), sample(`${name}_count`, {}, sum)];
}

function sample(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const stated = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
  return stated.length === 0 ? `${name} ${value}` : `${name}{${stated.join(",")}} ${value}`;
}

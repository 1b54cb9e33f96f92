import { KeyApiError } from "../../src/api/errors.ts";
import type { KeyApi } from "../../src/api/key-api.ts";
import { LeaseHeld } from "../../src/apply/runner-lease.ts";

/** Something that a runner waits for. Its call is in the network's hands; a step of its own is in `go`. */
export interface Waiting {
  readonly number: number;
  readonly what: string;
  /** The step itself; absent for a call. */
  readonly go?: () => Promise<void>;
  /** What may happen instead of the step, by name. */
  readonly instead: Readonly<Record<string, () => void>>;
  /** Gives a call its outcome. */
  readonly answer?: (outcome: Outcome) => void;
  /** True for a call that a cancelled run does not wait for. */
  readonly abortable?: boolean;
  /** True for what a run does beside its work, such as waiting for its next heartbeat: it is chosen rarely. */
  readonly beside?: boolean;
}

/** What came of a call. */
export type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

/** A call on its way to the platform. */
export interface Request {
  readonly runner: Runner;
  readonly number: number;
  readonly method: string;
  readonly values: readonly unknown[];
}

/** One process that plans and applies; every await of it is a {@link Waiting} until the schedule lets it go on. */
export interface Runner {
  readonly name: string;
  readonly abort: AbortController;
  readonly waiting: Map<number, Waiting>;
  readonly ended: () => boolean;
  /** What ended it that no runner should end with; undefined for all else. */
  readonly bug: () => unknown;
  /** The process is gone: nothing of it goes on. */
  readonly crash: () => void;
  /** Ctrl-C: calls that may be aborted end at once. */
  readonly cancel: () => void;
  /** An await of its own: a sink, a pause. */
  readonly step: <T>(what: string, run: () => T, instead?: Readonly<Record<string, () => T>>) => Promise<T>;
  /** A pause of that long, beside its work; an abort ends it. */
  readonly pause: (what: string, run: () => void, signal: AbortSignal | undefined) => Promise<void>;
  /** Something that is had at once, such as a random number: a crash may come here too. */
  readonly atOnce: <T>(what: string, run: () => T) => T;
  /** The platform as this runner sees it: over the network. */
  readonly api: (methods: readonly (keyof KeyApi)[]) => KeyApi;
}

/** What a runner needs of the schedule. */
export interface RunnerPorts {
  readonly send: (request: Request) => void;
  /** True if a crash is due here. */
  readonly crashNow: (what: string) => boolean;
}

const CRASH = new Error("this process has ended");
let lastNumber = 0;

/** Starts a runner whose program is given all its ports. The program's own end, good or bad, is the runner's end. */
export function startRunner(name: string, ports: RunnerPorts, program: (runner: Runner) => Promise<void>): Runner {
  const waiting = new Map<number, Waiting>();
  let crashed = false;
  let done = false;
  let bug: unknown;

  /** Never resolves once the process is gone: whatever was begun is simply not gone on with. */
  function wait<T>(make: (number: number, settle: (run: () => T) => void) => Waiting): Promise<T> {
    return new Promise((resolve) => {
      if (crashed) return;
      const number = ++lastNumber;
      const settle = (run: () => T): void => {
        waiting.delete(number);
        if (crashed) return;
        resolve(Promise.resolve().then(run));
      };
      waiting.set(number, make(number, settle));
    });
  }

  const runner: Runner = {
    name,
    abort: new AbortController(),
    waiting,
    ended: () => crashed || done,
    bug: () => bug,
    crash: () => {
      crashed = true;
      waiting.clear();
    },
    cancel: () => {
      runner.abort.abort();
      const error: unknown = runner.abort.signal.reason;
      for (const call of [...waiting.values()]) if (call.abortable === true) call.answer?.({ ok: false, error });
    },
    step: (what, run, instead = {}) =>
      wait((number, settle) => ({
        number,
        what,
        go: () => {
          settle(run);
          return Promise.resolve();
        },
        instead: Object.fromEntries(
          Object.entries(instead).map(([why, other]) => [
            why,
            () => {
              settle(other);
            },
          ]),
        ),
      })),
    pause: (what, run, signal) => {
      const paused = wait<unknown>((number, settle) => {
        const go = (): Promise<void> => {
          settle(run);
          return Promise.resolve();
        };
        return { number, what, go, instead: {}, beside: true };
      });
      return untilAborted(paused, signal).then(() => undefined);
    },
    atOnce: (what, run) => {
      if (crashed || ports.crashNow(`${name} ${what}`)) {
        runner.crash();
        throw CRASH;
      }
      return run();
    },
    api: (methods) =>
      Object.fromEntries(
        methods.map((method) => [
          method,
          (...values: readonly unknown[]) =>
            wait((number, settle) => {
              ports.send({ runner, number, method, values });
              return {
                number,
                what: method,
                abortable: values.some(hasSignal),
                instead: {
                  "gets no answer": () => {
                    settle(() => {
                      throw new KeyApiError("unavailable", "The platform did not answer in time.");
                    });
                  },
                },
                answer: (outcome) => {
                  settle(() => {
                    if (outcome.ok) return outcome.value;
                    throw outcome.error;
                  });
                },
              };
            }),
        ]),
      ) as unknown as KeyApi,
  };
  program(runner).then(
    () => (done = true),
    (error: unknown) => {
      done = true;
      const told = error instanceof KeyApiError || error instanceof LeaseHeld;
      const expected = error === CRASH || told || runner.abort.signal.aborted;
      if (!expected) bug = error;
    },
  );
  return runner;
}

/** As that promise, but rejects as soon as the signal is aborted. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal?.reason as Error);
    };
    signal?.addEventListener("abort", abort, { once: true });
    void work.then(resolve, reject).finally(() => signal?.removeEventListener("abort", abort));
  });
}

/** True for the options of a call that can be aborted. */
export function hasSignal(value: unknown): boolean {
  return typeof value === "object" && value !== null && "signal" in value && value.signal !== undefined;
}

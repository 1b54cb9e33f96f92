import type { KeyApi } from "../../src/api/key-api.ts";
import type { ChangeSet, CommitResult, KeyChange } from "../../src/api/change-set.ts";
import { KeyApiError } from "../../src/api/errors.ts";
import { LEASE_MS } from "../../src/api/lease.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { conclude } from "./conclude.ts";
import { declarations, type Declared } from "./declarations.ts";
import { draws, type Draws } from "./draws.ts";
import { judge, liveKeys, Violation, type Judge } from "./judge.ts";
import { memoryPlaces, type Places } from "./places.ts";
import type { VirtualPlatform } from "./platform.ts";
import { planAndApply, type Work } from "./program.ts";
import { hasSignal, startRunner, type Outcome, type Request, type Runner } from "./runner.ts";
import { sabotaged, type Sabotage } from "./sabotage.ts";

/** Which schedule, and what is promised in it. */
export interface ScheduleOptions {
  readonly seed: number;
  /** How many runners may be at work at one moment. */
  readonly runners: 1 | 2 | 3;
  readonly sabotage?: Sabotage;
  /** Whether runs take the lease of their project. */
  readonly leases: boolean;
  /** What a sink holds is accepted after every step. */
  readonly everyStep: boolean;
  /** What a sink holds is accepted after a clean run, and nothing works that nobody holds. */
  readonly afterCleanRun: boolean;
}

interface Message {
  readonly weight: number;
  readonly what: string;
  readonly request: Request;
  /** Absent while it is on its way to the platform. */
  readonly outcome?: Outcome;
}

interface Choice {
  readonly weight: number;
  readonly what: string;
  readonly act: () => unknown;
  /** True if it may move a sink, the time or the platform by itself. */
  readonly moves: boolean;
}

const MAX_STEPS = 400;
const HOUR = 3_600_000;
/** A pause that may be longer than a lease, in milliseconds. */
const LONG_PAUSE = 3 * LEASE_MS;
const METHODS = [
  "platform",
  "whoami",
  "createAccount",
  "getAccount",
  "listKeys",
  "getKey",
  "commit",
  "listChangeSets",
  "listChanges",
  "takeLease",
  "renewLease",
  "releaseLease",
] as const;

/** Runs one schedule to its end. Throws {@link Violation} with the steps that led there. */
export async function runSchedule(platform: VirtualPlatform, options: ScheduleOptions): Promise<void> {
  const trace: string[] = [];
  try {
    await play(platform, options, trace);
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    throw new Violation(`${error.message}\n  after: ${trace.slice(-100).join("\n         ")}`);
  }
}

async function play(platform: VirtualPlatform, options: ScheduleOptions, trace: string[]): Promise<void> {
  const { seed, sabotage = "none" } = options;
  platform.begin(seed);
  const chance = draws(seed);
  const account = `s${String(seed)}`;
  const places = memoryPlaces({ lying: sabotage === "read-back-lies", guarded: sabotage !== "no-guard" });
  const judged = judge({ account, platform, places, everyStep: options.everyStep });
  const api = sabotaged(platform.api, sabotage);
  const work: Work = { account, platform, places, secrets: draws(seed + 7_919), leases: options.leases };
  const { declared, last } = await disturbed({ chance, account, work, api, judged, trace, places, platform }, options);
  await conclude(work, declared(), judged, options.afterCleanRun);
  trace.push(`${String(last)} runs, then a clean one`);
}

interface Stage {
  readonly chance: Draws;
  readonly account: string;
  readonly work: Work;
  readonly api: KeyApi;
  readonly judged: Judge;
  readonly trace: string[];
  readonly places: Places;
  readonly platform: VirtualPlatform;
}

/** The part with faults: runs, one after another or at once, until all have ended or died and no message is left. */
async function disturbed(
  stage: Stage,
  options: ScheduleOptions,
): Promise<{ declared: () => readonly Declared[]; last: number }> {
  const { chance, judged, trace, platform, account, work } = stage;
  let faults = chance.below(10);
  let runsLeft = 2 + chance.below(4);
  let handsLeft = chance.below(3);
  let declared = declarations(chance);
  let runs = 0;
  const runners: Runner[] = [];
  const plans = new Map<Runner, Plan>();
  const messages: Message[] = [];
  let touched = false; // whether the platform, a sink or the time may have moved since the judge looked

  const fault = (act: () => unknown) => (): unknown => {
    faults--;
    return act();
  };
  const take = (message: Message): void => {
    messages.splice(messages.indexOf(message), 1);
  };
  const deliver = async (message: Message): Promise<void> => {
    take(message);
    const { request, outcome } = message;
    const waiting = request.runner.waiting.get(request.number);
    if (outcome !== undefined) waiting?.answer?.(outcome);
    else {
      touched ||= ["commit", "createAccount"].includes(request.method);
      const came = await answered(stage, request, plans.get(request.runner));
      messages.push({ weight: 10, what: `answer to ${request.runner.name} ${request.method}`, request, outcome: came });
    }
  };
  const start = (): void => {
    runsLeft--;
    if (chance.chance(0.6)) declared = declarations(chance);
    const of = declared;
    runs++;
    runners.push(
      startRunner(
        `run${String(runs)}`,
        {
          send: (request) => messages.push({ weight: 10, what: `${request.runner.name} ${request.method}`, request }),
          crashNow: () => faults > 0 && chance.chance(0.02) && faults-- > 0,
        },
        async (runner) => {
          await planAndApply(work, of, runner, runner.api(METHODS), (plan) => plans.set(runner, plan));
        },
      ),
    );
  };

  for (let step = 0; step < MAX_STEPS; step++) {
    const alive = runners.filter((runner) => !runner.ended());
    const choices: Choice[] = [];
    const add = (weight: number, what: string, act: () => unknown, moves = false): void => {
      choices.push({ weight, what, act, moves });
    };
    const addFault = (weight: number, what: string, act: () => unknown, moves = false): void => {
      if (faults > 0) add(weight, what, fault(act), moves);
    };
    for (const runner of alive) {
      addFault(0.6, `${runner.name} dies`, runner.crash);
      if (!runner.abort.signal.aborted) addFault(0.15, `${runner.name} is cancelled`, runner.cancel);
      for (const waiting of runner.waiting.values()) {
        if (waiting.go !== undefined) {
          add(waiting.beside === true ? 0.5 : 10, `${runner.name} ${waiting.what}`, waiting.go, true);
        }
        const lost = waiting.answer !== undefined && !messages.some(({ request }) => request.number === waiting.number);
        for (const [why, act] of Object.entries(waiting.instead)) {
          const what = `${runner.name} ${waiting.what} ${why}`;
          if (lost) add(10, what, act);
          else addFault(0.6, what, act);
        }
        // Its step is done, and it dies before it knows.
        const { go } = waiting;
        if (go !== undefined)
          addFault(
            0.4,
            `${runner.name} ${waiting.what}, then dies`,
            async () => {
              await go();
              runner.crash();
            },
            true,
          );
      }
    }
    for (const message of messages) {
      // What is on its way to or from a runner that has ended need not come any time soon.
      add(message.request.runner.ended() ? 1 : 10, message.what, () => deliver(message));
      addFault(0.8, `${message.what} is lost`, () => {
        take(message);
      });
      addFault(0.5, `${message.what} is doubled`, () => messages.push({ ...message }));
    }
    if (runsLeft > 0 && alive.length < options.runners)
      add(alive.length === 0 ? 6 : 2, `run${String(runs + 1)} starts`, start);
    if (choices.length === 0) break;
    add(
      options.leases ? 1 : 0.3,
      "time passes",
      () => {
        platform.advance(chance.below(chance.pick([8 * HOUR, LONG_PAUSE])));
      },
      true,
    );
    if (handsLeft > 0)
      add(
        0.3,
        "someone changes a key by hand",
        () => {
          handsLeft--;
          return byHand(platform.api, account, chance, platform);
        },
        true,
      );
    const chosen = chance.weighed(choices);
    if (chosen === undefined) break;
    trace.push(chosen.what);
    touched ||= chosen.moves;
    await chosen.act();
    await new Promise(setImmediate); // everything that can go on without the schedule has gone on
    if (touched) await judged.always();
    touched = false;
    const broken = runners.find((runner) => runner.bug() !== undefined);
    if (broken !== undefined) throw broken.bug();
  }
  for (const runner of runners) runner.crash();
  for (const message of [...messages]) {
    if (message.outcome !== undefined || !chance.chance(0.5)) continue;
    trace.push(`${message.what}, late`);
    await deliver(message);
    await judged.always();
  }
  return { declared: () => declared, last: runs };
}

/** Gives a request to the platform, and looks at what it did. */
async function answered({ api, account, judged }: Stage, request: Request, plan: Plan | undefined): Promise<Outcome> {
  const call = Reflect.get(api, request.method) as (...values: unknown[]) => Promise<unknown>;
  // A client that gives up does not call its request back.
  const values = request.values.map((value) => (hasSignal(value) ? {} : value));
  const seen =
    request.method === "commit" && values[0] === account
      ? await judged.committing(values[1] as ChangeSet, plan)
      : undefined;
  try {
    const value = await call(...values);
    seen?.((value as CommitResult).replayed);
    return { ok: true, value };
  } catch (error) {
    if (!(error instanceof KeyApiError)) throw error;
    return { ok: false, error };
  }
}

/** Somebody edits or deletes a key without the declaration. */
async function byHand(api: KeyApi, account: string, chance: Draws, platform: VirtualPlatform): Promise<void> {
  const [first, ...rest] = (await liveKeys(api, account)).filter(({ managedBy }) => managedBy !== null);
  if (first === undefined) return;
  const { id, revision, spec } = chance.pick([first, ...rest]);
  const change: KeyChange = chance.chance(0.3)
    ? { action: "delete", id, revision }
    : { action: "update", id, revision, spec: { ...spec, description: `by hand at ${String(platform.now())}` } };
  const drawn = Buffer.from(chance.bytes(12)).toString("hex");
  await api.commit(account, { id: drawn, project: null, message: "by hand", changes: [change] });
}

import fc from "fast-check";
import { expect, test } from "vitest";
import type { ChangeSet, KeyChange } from "../../src/api/change-set.ts";
import { KeyApiError } from "../../src/api/errors.ts";
import type { KeyApi } from "../../src/api/key-api.ts";
import { allKeys } from "../contract/expectations.ts";
import { drawId, sampleSpec } from "../contract/samples.ts";
import { carryOut, expectedProblems, modelOf, type KeyModel } from "./key-model.ts";

const long = process.env["ALGOKEYS_LONG"] === "1";

/** A change before it is known which keys there are; `pick` chooses one. */
interface Wish {
  readonly action: "create" | "update" | "delete" | "restore";
  readonly pick: number;
  readonly name: string | undefined;
  readonly protect: boolean;
  readonly owner: "own" | "none" | "keep";
  /** Mostly 0: how far the stated revision is off. */
  readonly off: number;
}

// Few names in few spellings, so that names collide, are swapped and are passed on.
const name = fc.constantFrom("a", "A", "b", "B", "c", "d");

const wish: fc.Arbitrary<Wish> = fc.record({
  action: fc.constantFrom("create", "create", "update", "update", "update", "delete", "restore"),
  pick: fc.nat(30),
  name: fc.option(name, { nil: undefined }),
  protect: fc.boolean(),
  owner: fc.constantFrom("own", "none", "keep"),
  off: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1),
});

const changeSetWish = fc.record({
  project: fc.constantFrom("shop", "shop", "blog", null),
  wishes: fc.array(wish, { minLength: 1, maxLength: 4 }),
});

function changeOf(model: KeyModel, wanted: Wish, project: string | null): KeyChange {
  const { action, pick, off } = wanted;
  const spec = sampleSpec({ protect: wanted.protect && pick % 3 === 0, description: `picked ${pick}` });
  const managedBy = wanted.owner === "own" && project !== null ? { project } : null;
  const fitting = model.keys.filter(({ deleted }) => deleted === (action === "restore"));
  const choices = fitting.length > 0 ? fitting : model.keys;
  const key = choices[pick % Math.max(1, choices.length)];
  if (action === "create" || key === undefined) {
    const from = pick % 4 === 0 ? { renamedFrom: pick % 8 === 0 ? "b" : "c" } : {};
    return { action: "create", name: wanted.name ?? "a", spec, managedBy, credential: null, ...from };
  }
  const on = { id: key.id, revision: key.revision + off };
  if (action !== "update") return { action, ...on };
  return {
    action,
    ...on,
    ...(wanted.name === undefined ? {} : { name: wanted.name }),
    ...(pick % 2 === 0 ? { spec } : {}),
    ...(wanted.owner === "keep" ? {} : { managedBy }),
  };
}

class CommitCommand implements fc.AsyncCommand<KeyModel, KeyApi> {
  readonly #project: string | null;
  readonly #wishes: readonly Wish[];

  constructor(project: string | null, wishes: readonly Wish[]) {
    this.#project = project;
    this.#wishes = wishes;
  }

  check(): boolean {
    return true;
  }

  async run(model: KeyModel, api: KeyApi): Promise<void> {
    const changes = this.#wishes.map((wanted) => changeOf(model, wanted, this.#project));
    const changeSet: ChangeSet = { id: drawId(), project: this.#project, message: "", changes };
    const problems = expectedProblems(model, changeSet);
    const outcome = await api.commit("acme", changeSet).catch((error: unknown) => error);
    if (outcome instanceof KeyApiError) {
      expect(outcome.problems.map(({ change, code }) => `${change}:${code}`)).toEqual(problems);
      expect(problems).not.toEqual([]);
    } else {
      expect(problems).toEqual([]);
      carryOut(model, changeSet, outcome as Awaited<ReturnType<KeyApi["commit"]>>);
    }
    const keys = [...(await allKeys(api, "live", 3)), ...(await allKeys(api, "deleted"))];
    expect(keys.map(modelOf).sort(byId)).toEqual([...model.keys].sort(byId));
    const { revision, total } = await api.listKeys("acme", { limit: 1 });
    expect(revision).toBe(model.revision);
    expect(total).toBe(model.keys.filter(({ deleted }) => !deleted).length);
  }

  toString(): string {
    return `commit(${JSON.stringify({ project: this.#project, wishes: this.#wishes })})`;
  }
}

/** A fresh platform that the model is compared with. */
export interface ModelledPlatform {
  readonly api: KeyApi;
  readonly close: () => Promise<void>;
}

/** The property that a platform does what the model does: `open` makes a fresh one for each of `runs` sequences. */
export function testAgainstModel(
  name: string,
  open: () => Promise<ModelledPlatform>,
  runs: { readonly short: number; readonly long: number },
): void {
  test(`${name} agrees with a naive model over any sequence of change sets`, async () => {
    const commands = fc.commands([changeSetWish.map(({ project, wishes }) => new CommitCommand(project, wishes))], {
      maxCommands: 25,
    });
    await fc.assert(
      fc.asyncProperty(commands, async (sequence) => {
        const platform = await open();
        try {
          await platform.api.createAccount({ name: "acme", defaultKey: "none" });
          await fc.asyncModelRun(() => ({ model: { revision: 0, keys: [] }, real: platform.api }), sequence);
        } finally {
          await platform.close();
        }
      }),
      { numRuns: long ? runs.long : runs.short },
    );
  }, 1_800_000);
}

function byId(left: { readonly id: string }, right: { readonly id: string }): number {
  return left.id < right.id ? -1 : 1;
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { shortDeclaredSpec } from "../../../src/core/declared-spec.ts";
import type { KeySpec } from "../../../src/core/key-spec.ts";
import { UNKNOWN, type CtyRecord, type CtyValue } from "../../../src/terraform/protocol/cty-value.ts";
import { failed } from "../../../src/terraform/protocol/provider-diagnostic.ts";
import type { ProviderPort, ResourceObject } from "../../../src/terraform/protocol/provider-port.ts";
import { algorithmiaProvider } from "../../../src/terraform/resources/algorithmia-provider.ts";
import { arbitraryKeySpec, respelledSpec } from "../../support/arbitraries.ts";
import { applyFaults, planFaults } from "../../support/terraform-rules.ts";
import { providerWorld } from "../../support/terraform.ts";

const RUNS = process.env["ALGOKEYS_LONG"] === "1" ? 10_000 : 2_000;
const TYPE = "algorithmia_api_key";
const NOTHING = new Uint8Array();

let folder: string;
let provider: ProviderPort;
let number = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "algokeys-rules-"));
  provider = algorithmiaProvider(providerWorld(folder));
  const stated = { platform: "file:platform.db", account: "acme" };
  const config = Object.fromEntries(Object.keys(provider.schema.provider.attributes).map((name) => [name, null]));
  const { diagnostics } = await provider.configure({ config: { ...config, ...stated }, terraformVersion: "1.11.4" });
  expect(diagnostics).toEqual([]);
});
afterAll(async () => {
  await provider.stop();
  rmSync(folder, { recursive: true, force: true });
});

function attributes(): ProviderPort["schema"]["provider"]["attributes"] {
  return provider.schema.resources[TYPE]?.attributes ?? {};
}

/** A configuration as Terraform sends it: every attribute there, null where nothing is stated. */
function configOf(name: string, spec: KeySpec, whole: boolean, rest: CtyRecord): CtyRecord {
  const declared = (whole ? { ...spec, origins: undefined } : shortDeclaredSpec(spec)) as Readonly<
    Record<string, unknown>
  >;
  const { native, web } = spec.origins;
  const hosts = typeof web === "string" ? null : [...new Set(web.hosts)];
  const origins = { native, web: web !== "none", referrers: hosts };
  const stated = {
    ...Object.fromEntries(Object.entries(declared).filter(([, value]) => value !== undefined)),
    algorithms: [...new Set(spec.algorithms)],
    origins: whole || "origins" in shortDeclaredSpec(spec) ? origins : null,
    protect: null,
  } as unknown as CtyRecord;
  const empty = Object.fromEntries(Object.keys(attributes()).map((attribute): [string, CtyValue] => [attribute, null]));
  return { ...empty, ...stated, name, ...rest };
}

/** Plans as Terraform does, and judges the plan. */
async function plan(prior: ResourceObject | null, config: CtyRecord): ReturnType<ProviderPort["plan"]> {
  const kept = prior ?? { state: null, private: NOTHING, identity: null };
  const planned = await provider.plan(TYPE, {
    prior: kept.state,
    config,
    private: kept.private,
    identity: null,
  });
  expect(planned.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  if (planned.planned === null) throw new Error("nothing is planned");
  expect(planFaults(attributes(), kept.state, config, planned.planned)).toEqual([]);
  return planned;
}

async function apply(
  prior: ResourceObject | null,
  config: CtyRecord,
  planned: Awaited<ReturnType<ProviderPort["plan"]>>,
): Promise<ResourceObject> {
  const { state, diagnostics, ...rest } = await provider.apply(TYPE, {
    prior: prior?.state ?? null,
    planned: planned.planned,
    config,
    private: planned.private,
    identity: null,
  });
  expect(diagnostics).toEqual([]);
  if (state === null || planned.planned === null) throw new Error("nothing was applied");
  expect(applyFaults(planned.planned, state, attributes())).toEqual([]);
  return { state, ...rest };
}

async function read(object: ResourceObject): Promise<ResourceObject> {
  const { state, diagnostics, ...rest } = await provider.read(TYPE, object);
  expect(diagnostics).toEqual([]);
  if (state === null) throw new Error("the key is gone");
  return { state, ...rest };
}

/** Attributes that another resource may make, so that they are known only at the apply. */
const LATE = ["description", "algorithms", "origins", "data", "labels", "expires", "rotation"];

const step = fc
  .record({
    spec: arbitraryKeySpec,
    whole: fc.boolean(),
    late: fc.subarray(LATE),
    trigger: fc.constantFrom(null, "1", "2"),
  })
  .chain((made) => respelledSpec(made.spec).map((respelled) => ({ ...made, respelled })));

test(`the provider keeps Terraform's rules, over ${String(RUNS)} random lives of a key`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 3 }), fc.boolean(), async (steps, keeps) => {
      const name = `key-${String(++number)}`;
      let object: ResourceObject | null = null;
      let id: CtyValue | undefined;
      for (const { spec, respelled, whole, late, trigger } of steps) {
        const rest = keeps
          ? { keep_secret_in_state: true, rotation_trigger: trigger === null ? null : { quarter: trigger } }
          : {};
        const config = configOf(name, spec, whole, rest);
        expect(failed((await provider.validateResource(TYPE, { config, writeOnlyAllowed: true })).diagnostics)).toBe(
          false,
        );
        // What is not known yet is planned as that; then it is known, and planned anew from there.
        const unknown = Object.fromEntries(late.filter((one) => config[one] !== null).map((one) => [one, UNKNOWN]));
        const early = await plan(object, { ...config, ...unknown });
        const final = await plan(object, config);
        expect(
          applyFaults(early.planned ?? {}, final.planned ?? {}, attributes()).filter(
            (fault) => !fault.includes("not known after"),
          ),
        ).toEqual([]);
        object = await read(await apply(object, config, final));
        expect((id ??= object.state["id"])).toBe(object.state["id"]);
        expect((object.state["secret"] ?? null) !== null).toBe(keeps);
        for (const again of [config, configOf(name, respelled, true, rest)]) {
          const second = await plan(object, again);
          expect(applyFaults(object.state, second.planned ?? {}, attributes())).toEqual([]);
        }
      }
      const gone = await provider.apply(TYPE, {
        prior: object?.state ?? null,
        planned: null,
        config: null,
        private: object?.private ?? NOTHING,
        identity: null,
      });
      expect([gone.diagnostics, gone.state]).toEqual([[], null]);
    }),
    { numRuns: RUNS },
  );
}, 600_000);

import { expect, test } from "vitest";
import { CLIENT_ID_PATTERN } from "../../src/api/change-set.ts";
import { changeSetIdOf, findAppliedPlan } from "../../src/apply/applied-plan.ts";
import { key, newId, sha256, worlds } from "./world.ts";

const world = worlds();

test("history tells which plan a change set carried out, whatever came after it", async () => {
  const at = await world();
  await at.apply(await at.plan([key("first")]));
  const plan = await at.plan([key("first"), key("second")]);
  const find = () => findAppliedPlan(plan, at.api, sha256, {});
  expect(await find()).toBeUndefined();
  const { report } = await at.apply(plan);
  const other = await at.plan([key("first"), key("second"), key("third")]);
  await at.apply(other);
  const found = await find();
  expect(found).toMatchObject({ id: report.changeSet, actor: "tester", revision: 3 });
  expect((await findAppliedPlan(other, at.api, sha256, {}))?.revision).toBe(4);
  const never = await at.plan([key("first")], { maxDeletes: { count: 9 } });
  expect(await findAppliedPlan(never, at.api, sha256, {})).toBeUndefined();
});

test("ids of change sets have the form that a platform takes, and no two are alike", async () => {
  const at = await world();
  const plan = await at.plan([key("first")]);
  const ids = [changeSetIdOf(plan, sha256, newId()), changeSetIdOf(plan, sha256, newId())];
  expect(new Set(ids).size).toBe(2);
  for (const id of ids) expect(id).toMatch(CLIENT_ID_PATTERN);
});

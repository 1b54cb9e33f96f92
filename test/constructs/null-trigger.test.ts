import { expect, test } from "vitest";
import { ApiKey, KeyRotation } from "../../src/constructs/index.ts";
import { nullTrigger } from "../../src/constructs/null-trigger.ts";
import { AlgorithmiaSecret } from "../../src/constructs/algorithmia-secret.ts";
import { keyBlock, resources, testStack } from "./stack.ts";

test("a rotation may be kept by null_resource, whose provider is added once", () => {
  const { stack, json } = testStack();
  const rotation = new KeyRotation(stack, "rotation", { epoch: "2026-Q4", trigger: nullTrigger });
  new KeyRotation(stack, "other", { epoch: "2026", trigger: nullTrigger });
  const { secret } = new AlgorithmiaSecret(stack, "secret");
  new ApiKey(stack, "web", { name: "web", algorithms: [], secretWo: secret, rotationTrigger: rotation.trigger });
  const made = json();
  const found = Object.entries(resources(made, "null_resource"));
  expect(found.map(([, { triggers }]) => triggers)).toEqual([{ epoch: "2026" }, { epoch: "2026-Q4" }]);
  expect(made.provider["null"]).toEqual([{}]);
  expect(keyBlock(made, "web")["rotation_trigger"]).toMatchObject({
    trigger: `\${null_resource.${String(found[1]?.[0])}.id}`,
  });
});

import { expect, test } from "vitest";
import { ApiKey, KeyRotation } from "../../src/constructs/index.ts";
import { nullTrigger } from "../../src/constructs/null-trigger.ts";
import { AlgorithmiaSecret } from "../../src/constructs/algorithmia-secret.ts";
import { testStack } from "./stack.ts";

test("a rotation may be kept by null_resource, whose provider is added once", () => {
  const { stack, json } = testStack();
  const rotation = new KeyRotation(stack, "rotation", { epoch: "2026-Q4", trigger: nullTrigger });
  new KeyRotation(stack, "other", { epoch: "2026", trigger: nullTrigger });
  const { secret } = new AlgorithmiaSecret(stack, "secret");
  new ApiKey(stack, "web", { name: "web", algorithms: [], secretWo: secret, rotationTrigger: rotation.trigger });
  const made = json();
  const resources = Object.entries<Record<string, unknown>>(made["resource"].null_resource);
  expect(resources.map(([, { triggers }]) => triggers)).toEqual([{ epoch: "2026" }, { epoch: "2026-Q4" }]);
  expect(made["provider"].null).toEqual([{}]);
  expect(made["resource"].algorithmia_api_key.web.rotation_trigger.trigger).toBe(
    `\${null_resource.${String(resources[1]?.[0])}.id}`,
  );
});

import type { Construct } from "constructs";
import { constructs } from "./cdk.ts";
import { terraformDataTrigger } from "./terraform-data.ts";
import type { Trigger, TriggerFactory } from "./trigger.ts";

/** When secrets are replaced. */
export interface KeyRotationConfig {
  /** Any text that names the time between two rotations, such as `2026-Q4`. Another text is another secret for each key. */
  readonly epoch: string;
  /** What keeps the epoch. Default: `terraformDataTrigger`. */
  readonly trigger?: TriggerFactory | undefined;
}

/**
 * Rotates keys in place: give its {@link KeyRotation.trigger} to their `rotationTrigger`. Another epoch gives each of them
 * another secret; ids and everything that refers to them stay, and the secret before works on for the key's overlap.
 */
export class KeyRotation extends constructs.Construct {
  /** What a key's `rotationTrigger` takes. */
  readonly trigger: Readonly<Record<string, string>>;
  /** The resource that keeps the epoch. */
  readonly element: Trigger["element"];

  constructor(scope: Construct, id: string, { epoch, trigger = terraformDataTrigger }: KeyRotationConfig) {
    super(scope, id);
    this.node.addValidation({
      validate: () => (epoch ? [] : ["epoch: There is none. Name the time, such as `2026-Q4`."]),
    });
    const made = trigger(this, "epoch", { values: { epoch } });
    this.element = made.element;
    this.trigger = { epoch, trigger: made.id };
  }
}

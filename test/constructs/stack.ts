import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App, TerraformStack } from "#cdk";
import { onTestFinished } from "vitest";
import { AlgorithmiaProvider, type AlgorithmiaProviderConfig } from "../../src/constructs/algorithmia-provider.ts";
import { cdk } from "../../src/constructs/cdk.ts";

/** A block of a synthesized stack. */
export type Block = Readonly<Record<string, unknown>>;

/** Blocks by their type and address. */
type Blocks = Readonly<Record<string, Readonly<Record<string, Block>>>>;

/** A synthesized stack, as far as tests read it. */
export interface StackJson {
  readonly resource: Blocks;
  readonly ephemeral: Blocks;
  readonly output: Readonly<Record<string, Block>>;
  readonly provider: Readonly<Record<string, readonly Block[]>>;
  readonly import?: readonly Block[];
  readonly moved?: readonly Block[];
}

/** An app with one stack, whose provider is there, and what its synthesis makes. */
export interface TestStack {
  readonly app: App;
  readonly stack: TerraformStack;
  /** Where the app is synthesized to. */
  readonly outdir: string;
  /** Synthesizes the app as its author does, with validations, and gives the stack's file as text. */
  readonly text: () => string;
  /** The same, read. */
  readonly json: () => StackJson;
}

/** The provider's configuration in tests: an embedded platform in the folder where Terraform runs. */
export const EMBEDDED: AlgorithmiaProviderConfig = {
  platform: "file:platform.db",
  account: "acme",
  project: "storefront",
};

/** Makes an app with a stack. It is gone when the test ends. */
export function testStack(provider: AlgorithmiaProviderConfig = EMBEDDED): TestStack {
  const outdir = mkdtempSync(join(tmpdir(), "algokeys-synth-"));
  onTestFinished(() => {
    rmSync(outdir, { recursive: true, force: true });
  });
  const app = new cdk.App({ outdir });
  const stack = new cdk.TerraformStack(app, "storefront");
  new cdk.LocalBackend(stack, { path: "terraform.tfstate" });
  new AlgorithmiaProvider(stack, "algorithmia", provider);
  const text = (): string => {
    app.synth();
    return readFileSync(join(outdir, "stacks/storefront/cdk.tf.json"), "utf8");
  };
  return { app, stack, outdir, text, json: () => JSON.parse(text()) as StackJson };
}

/** What the synthesis of an app ends with, in one text. Throws if it does not end with an error. */
export function synthesisError(make: (made: TestStack) => void): string {
  const made = testStack();
  try {
    make(made);
    made.app.synth();
  } catch (error) {
    return String(error instanceof Error ? error.message : error);
  }
  throw new Error("the synthesis did not fail");
}

/** The blocks of resources of one type, by their addresses. */
export function resources(made: StackJson, type: string): Readonly<Record<string, Block>> {
  return made.resource[type] ?? {};
}

/** One key's block. */
export function keyBlock(made: StackJson, address: string): Block {
  const block = resources(made, "algorithmia_api_key")[address];
  if (block === undefined) throw new Error(`there is no key at ${address}`);
  return block;
}

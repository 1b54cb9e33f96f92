// The keys of two applications in two environments, beside one that still stands in YAML. In a project of your own write
// "cdktf", or "cdktn", for "#cdk": here package.json lets one app run on both.
import { fileURLToPath } from "node:url";
import { App, Aspects, LocalBackend, TerraformOutput, TerraformStack } from "#cdk";
import {
  AccessCheck,
  AlgorithmiaProvider,
  ApplicationKeys,
  ForbidWildcard,
  KeyRotation,
  KeysFromManifest,
  RequireReferrers,
} from "algokeys/constructs";

const app = new App();
const stack = new TerraformStack(app, "storefront");
new LocalBackend(stack, { path: "terraform.tfstate" });
new AlgorithmiaProvider(stack, "algorithmia", { platform: "file:platform.db", account: "acme", project: "storefront" });

// Another epoch is another secret for every key below, in place: ids stay, and the secrets before work on for the overlap.
const rotation = new KeyRotation(stack, "rotation", { epoch: process.env["EPOCH"] ?? "2026-Q4" });

const keys = new ApplicationKeys(stack, "applications", {
  applications: {
    web: {
      description: "Sentiment widget on the product page",
      algorithms: ["algo://demos/sentiment_analysis"],
      origins: { native: false, web: true, referrers: ["shop.example.com"] },
      rotation: { every: "90d", overlap: "24h" },
      tests: [{ call: "algo://demos/sentiment_analysis", origin: "https://shop.example.com", expect: "allow" }],
    },
    import: { algorithms: ["algo://acme/normalize/1.*"], data: "read" },
  },
  environments: {
    production: { protect: process.env["PROTECT"] !== "no" },
    staging: { expires: "2030-01-31" },
  },
  rotationTrigger: rotation.trigger,
});

const batch = new KeysFromManifest(stack, "yaml", {
  files: "keys.yaml",
  folder: fileURLToPath(new URL("..", import.meta.url)), // compiled, this file lies one folder deeper
});

// After each apply that touches it, the command line tries the declared calls; the apply fails if one is decided otherwise.
new AccessCheck(stack, "check", {
  key: batch.key("nightly-batch"),
  command: process.env["ALGOKEYS"] ?? "npx algokeys",
});

// No key that browsers may use from any site, none for every algorithm.
Aspects.of(stack).add(new RequireReferrers());
Aspects.of(stack).add(new ForbidWildcard());

new TerraformOutput(stack, "web_key", { value: keys.key("web", "production").id });
app.synth();

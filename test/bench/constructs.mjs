// The synthesis of 1,000 keys beside that of 1,000 bare resources of CDKTF with as many attributes, in turn, each in a process of
// its own. What is timed is making the constructs and app.synth(); loading the library is the same for both.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { benchEnv, reportRatio } from "./measure.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const folder = mkdtempSync(join(tmpdir(), "algokeys-bench-"));
const env = benchEnv({});
const SIZE = 1_000;

const HEAD = `
import { createRequire } from "node:module";
import { AlgorithmiaProvider, ApiKey } from ${JSON.stringify(join(root, "dist/constructs/index.js"))};
const { App, TerraformResource, TerraformStack } = createRequire(${JSON.stringify(join(root, "package.json"))})("cdktf");
const fields = (index) => ({
  name: "app" + index,
  description: "Application number " + index,
  algorithms: ["algo://demos/sentiment_analysis", "algo://nlp/summarizer_" + (index % 97)],
  origins: { native: false, web: true, referrers: ["app" + index + ".example.com", "*.app" + index + ".example.com"] },
  data: "read",
  labels: { team: "team-" + (index % 13) },
});
class Bare extends TerraformResource {
  #fields;
  constructor(scope, id, fields) {
    super(scope, id, { terraformResourceType: "algorithmia_api_key", terraformGeneratorMetadata: { providerName: "algorithmia" } });
    this.#fields = fields;
  }
  // A new object each time, as every binding makes it: the library writes into it.
  synthesizeAttributes() {
    const { name, description, algorithms, origins, data, labels } = this.#fields;
    return { name, description, algorithms: [...algorithms], origins: { ...origins }, data, labels: { ...labels } };
  }
}
const start = process.hrtime.bigint();
const app = new App({ outdir: process.argv[2] });
const stack = new TerraformStack(app, "bench");
new AlgorithmiaProvider(stack, "algorithmia", { account: "acme" });
`;
const TAIL = `
app.synth();
console.log(Number(process.hrtime.bigint() - start) / 1e6);
`;

try {
  const keys = program("keys.mjs", `new ApiKey(stack, "app" + index, fields(index))`);
  const bare = program("bare.mjs", `new Bare(stack, "app" + index, fields(index))`);
  await reportRatio(`synth of ${SIZE} ApiKey / bare TerraformResource`, 9, keys, bare);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function program(name, make) {
  const file = join(folder, name);
  writeFileSync(file, `${HEAD}for (let index = 0; index < ${SIZE}; index++) ${make};${TAIL}`);
  return () => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [file, join(folder, "out")], {
      env,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(stderr);
    return Number(stdout);
  };
}

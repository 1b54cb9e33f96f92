/** The layers of the source, as design section 4 fixes them: a folder imports only itself and those listed. */
const LAYERS = {
  core: [],
  manifest: ["core"],
  plan: ["core"],
  api: ["core"],
  apply: ["core", "plan", "api"],
  report: ["core", "plan", "apply"],
  platform: ["core", "api"],
  terraform: ["core", "manifest", "plan", "api", "apply"],
  constructs: ["core", "manifest"],
  cli: ["core", "manifest", "plan", "api", "apply", "report", "platform", "terraform"],
};

/** The only places from which each third-party package may be imported. */
const FENCES = {
  "js-yaml": ["^src/manifest/"],
  ajv: ["^src/manifest/", "^src/api/"],
  jiti: ["^src/manifest/"],
  "jsonc-parser": ["^src/apply/"],
  "age-encryption": ["^src/apply/age-sink\\.ts$"],
  "better-sqlite3": ["^src/platform/store/sqlite-driver\\.ts$"],
  pg: ["^src/platform/store/postgres-driver\\.ts$"],
  hono: ["^src/platform/http/"],
  "@hono/node-server": ["^src/platform/http/"],
  commander: ["^src/cli/"],
  cdktf: ["^src/constructs/"],
  cdktn: ["^src/constructs/"],
  constructs: ["^src/constructs/"],
  "@cdktf/provider-null": ["^src/constructs/null-trigger\\.ts$"],
  "@grpc/grpc-js": ["^src/terraform/plugin/"],
  "@peculiar/x509": ["^src/terraform/plugin/"],
  "reflect-metadata": ["^src/terraform/plugin/"],
  "@bufbuild/protobuf": ["^src/terraform/p(?:lugin|rotocol)/"],
  "@msgpack/msgpack": ["^src/terraform/protocol/"],
};

/** Folders that hold pure functions only: neither packages nor Node's own modules. */
const PURE = ["core", "plan"];

/** The layers within src/terraform: what speaks to Terraform knows nothing of keys, and what knows keys speaks no protocol. */
const TERRAFORM_LAYERS = {
  plugin: [],
  protocol: [],
  framework: ["protocol"],
  resources: ["framework", "protocol"],
};

const layerRules = Object.entries(LAYERS).map(([folder, allowed]) => ({
  name: `layer-${folder}`,
  comment: `src/${folder} may import only ${[folder, ...allowed].join(", ")}.`,
  severity: "error",
  from: { path: `^src/${folder}/` },
  to: { path: "^src/", pathNot: [folder, ...allowed].map((name) => `^src/${name}/`) },
}));

const terraformRules = Object.entries(TERRAFORM_LAYERS).map(([folder, allowed]) => ({
  name: `layer-terraform-${folder}`,
  comment: `src/terraform/${folder} may import of its own layer only ${[folder, ...allowed].join(", ")}.`,
  severity: "error",
  from: { path: `^src/terraform/${folder}/` },
  to: { path: "^src/terraform/", pathNot: [folder, ...allowed].map((name) => `^src/terraform/${name}/`) },
}));

const fenceRules = Object.entries(FENCES).map(([name, places]) => ({
  name: `fence-${name}`,
  comment: `${name} may be imported only from ${places.join(" and ")}.`,
  severity: "error",
  from: { path: "^src/", pathNot: places },
  to: { path: `node_modules/${name}/` },
}));

module.exports = {
  forbidden: [
    ...layerRules,
    ...terraformRules,
    ...fenceRules,
    {
      name: "unfenced-package",
      comment: "A third-party package needs an entry in the table of fences: each is a decision.",
      severity: "error",
      from: { path: "^src/" },
      to: {
        dependencyTypes: ["npm", "npm-dev", "npm-no-pkg", "npm-unknown"],
        pathNot: Object.keys(FENCES).map((name) => `node_modules/(?:@types/)?${name}/`),
      },
    },
    {
      name: "pure",
      comment: "core and plan are pure: no packages, no Node modules.",
      severity: "error",
      from: { path: PURE.map((folder) => `^src/${folder}/`) },
      to: { pathNot: "^src/" },
    },
    {
      name: "unknown-folder",
      comment: "Every folder of src stands in the table of layers.",
      severity: "error",
      from: { path: "^src/[^/]+/", pathNot: Object.keys(LAYERS).map((folder) => `^src/${folder}/`) },
      to: {},
    },
    {
      name: "no-cycle",
      comment: "No import cycles.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    { name: "no-tests-in-src", severity: "error", from: { path: "^src/" }, to: { path: "^(?:test|examples)/" } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import tseslint from "typescript-eslint";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

export default tseslint.config(
  { ignores: ["dist/", "coverage/", "**/*.generated.ts"] },
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: [".config/*.mjs", ".config/*.cjs"] },
        tsconfigRootDir: root,
      },
    },
    rules: {
      "max-lines": ["error", { max: 300, skipBlankLines: false }],
      "no-console": "error",
      eqeqeq: "error",
      "no-restricted-globals": [
        "error",
        { name: "process", message: "import what you need from node:process, in cli only" },
      ],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-import-type-side-effects": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // Functions are declared below their callers, so that a file reads from the whole to its parts.
      "@typescript-eslint/no-use-before-define": "off",
    },
  },
  {
    // Only the command line prints, prompts and exits (design section 4).
    files: ["src/**"],
    ignores: ["src/cli/**"],
    rules: {
      "no-restricted-imports": ["error", { paths: ["node:process", "node:readline", "node:readline/promises"] }],
    },
  },
  {
    files: ["test/**", ".config/**", "examples/**"],
    rules: { "max-lines": "off", "no-restricted-globals": "off", "no-console": "off" },
  },
  { files: ["**/*.{mjs,cjs}"], ...tseslint.configs.disableTypeChecked },
);

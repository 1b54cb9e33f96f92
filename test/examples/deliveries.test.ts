import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { env as ownEnv, kill } from "node:process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { deliverySinks } from "../../src/apply/delivery-sinks.ts";
import { guaranteesOf } from "../../src/core/delivery-guarantees.ts";
import type { CommandDelivery, Delivery } from "../../src/core/delivery.ts";
import { makeToken, tokenDigest, tokenFingerprint } from "../../src/core/token.ts";
import { loadManifest } from "../../src/manifest/load.ts";
import { manifestOf } from "../manifest/loading.ts";
import { sha256, sleep } from "../apply/world.ts";
import { tempFolders } from "../platform/open.ts";

const tempFolder = tempFolders();
const folder = fileURLToPath(new URL("../../examples/deliveries/", import.meta.url));
const page = readFileSync(join(folder, "README.md"), "utf8");

async function load(text: string): Promise<readonly Delivery[]> {
  const stdin = () => Promise.resolve(Buffer.from(text));
  return manifestOf(await loadManifest(["-"], { cwd: folder, env: {}, vars: {}, stdin })).keys.flatMap(
    ({ deliver }) => deliver,
  );
}

test("the table on the page says what each kind of place guarantees", () => {
  const plain: Readonly<Record<Delivery["to"], Delivery>> = {
    dotenv: { to: "dotenv", file: "f", name: "N" },
    json: { to: "json", file: "f", name: "n" },
    age: { to: "age", file: "f", recipients: [] },
    command: { to: "command", command: [], env: [] },
    "github-env": { to: "github-env", name: "N" },
    "github-output": { to: "github-output", name: "n" },
  };
  const rows = [...page.matchAll(/^\| `([a-z-]+)` +\| (.*?) +\| (.*?) +\| (.*?) +\| (.*?) +\|$/gm)];
  const told = rows
    .slice(1)
    .map(([, to, fields, atomic, readBack, guarded]) => ({ to, fields, atomic, readBack, guarded }));
  const word = (yes: boolean): string => (yes ? "yes" : "no");
  expect(told).toEqual(
    Object.values(plain).map((delivery) => {
      const { atomic, readBack, guarded } = guaranteesOf(delivery);
      const fields = Object.keys(delivery).filter((field) => field !== "to");
      const isCommand = delivery.to === "command";
      return {
        to: delivery.to,
        fields: [...fields, ...(isCommand ? ["read"] : [])].map((field) => `\`${field}\``).join(", "),
        atomic: word(atomic),
        readBack: isCommand ? "only with `read`" : word(readBack),
        guarded: word(guarded),
      };
    }),
  );
  expect(guaranteesOf({ to: "command", command: [], env: [], read: ["x"] }).readBack).toBe(true);
});

/** The commands of the page's recipes, which are those of the declaration beside it. */
async function recipes(): Promise<readonly CommandDelivery[]> {
  const blocks = [...page.matchAll(/^```yaml\n([^]*?)^```$/gm)].map(([, block = ""]) => block);
  const keys = blocks.map((block, index) => {
    const item = block.replace(/^/gm, "        ").replace("        to", "      - to");
    return `  k${String(index)}:\n    algorithms: []\n    deliver:\n${item}`;
  });
  const read = await load(`version: 1\naccount: a\nproject: p\nkeys:\n${keys.join("\n")}`);
  const declared = await load(readFileSync(join(folder, "keys.yaml"), "utf8"));
  const byText = (deliveries: readonly Delivery[]) => deliveries.map((delivery) => JSON.stringify(delivery)).sort();
  expect(byText(read)).toEqual(byText(declared.filter(({ to }) => to === "command")));
  return read.filter((delivery) => delivery.to === "command");
}

/**
 * Programs that record what they are called with, and keep secrets as the real ones do: gh and vault take one from standard
 * input, kubectl makes a manifest of a file and applies one from standard input.
 */
const RECORDER = `name=$(basename "$0")
{ printf '%s' "$name"; printf ' %s' "$@"; echo; } >> "$HOME/calls"
env | sed 's/=.*//' | grep -v '^_$\\|^PWD$\\|^SHLVL$\\|^OLDPWD$' | sort | tr '\\n' ' ' > "$HOME/env-$name"
case "$name $1 $2" in
  "gh secret set") cat > "$HOME/kept-gh" ;;
  "vault kv put") [ "$4" = key=- ] && cat > "$HOME/kept-vault" ;;
  "vault kv get") cat "$HOME/kept-vault" ;;
  "kubectl create secret") printf '{"data":{"api-key":"%s"}}' "$(base64 < "\${5#--from-file=api-key=}")" ;;
  "kubectl apply "*) cat > "$HOME/kept-kubectl" ;;
  "kubectl get secret") sed 's/.*"api-key":"\\([^"]*\\)".*/\\1/' "$HOME/kept-kubectl" | base64 -d ;;
  *) exit 9 ;;
esac`;

test("the recipes hand gh, vault and kubectl the secret on standard input and nowhere else", async () => {
  const home = tempFolder();
  mkdirSync(join(home, "bin"));
  for (const name of ["gh", "vault", "kubectl"]) {
    writeFileSync(join(home, "bin", name), `#!/bin/sh\n${RECORDER}\n`);
    chmodSync(join(home, "bin", name), 0o755);
  }
  const secrets = { GH_TOKEN: "g", VAULT_ADDR: "v", VAULT_TOKEN: "v", KUBECONFIG: "k", AWS_SECRET_ACCESS_KEY: "no" };
  const env = { PATH: `${join(home, "bin")}:${ownEnv["PATH"] ?? ""}`, HOME: home, ...secrets };
  const { command } = deliverySinks({ root: home, sha256, sleep, env, kill });
  const secret = makeToken("caller", randomBytes);
  const held: boolean[] = [];
  for (const delivery of await recipes()) {
    expect([...(await command.deliver([{ delivery, secret }])).values()]).toEqual([]);
    held.push((await command.readBack(delivery)) === tokenFingerprint(tokenDigest(secret, sha256)));
  }
  expect(held).toEqual([false, true, true]);
  const read = (file: string) => readFileSync(join(home, file), "utf8");
  expect(read("kept-gh")).toBe(secret.reveal());
  expect(read("kept-vault")).toBe(secret.reveal());
  expect(read("env-gh")).toBe("GH_TOKEN HOME PATH ");
  expect(read("env-vault")).toBe("HOME PATH VAULT_ADDR VAULT_TOKEN ");
  expect(read("env-kubectl")).toBe("HOME KUBECONFIG PATH ");
  const calls = read("calls");
  expect(calls).not.toContain(secret.reveal());
  expect(calls.trim().split("\n").sort()).toEqual([
    "gh secret set ALGORITHMIA_API_KEY --repo acme/storefront",
    "kubectl apply --server-side --field-manager=algokeys -f -",
    "kubectl create secret generic storefront --from-file=api-key=/dev/stdin --dry-run=client -o json",
    'kubectl get secret storefront -o go-template={{index .data "api-key" | base64decode}}',
    "vault kv get -field=key secret/storefront",
    "vault kv put secret/storefront key=-",
  ]);
});

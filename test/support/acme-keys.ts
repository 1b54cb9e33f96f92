import type { KeyChange } from "../../src/api/change-set.ts";
import type { ApiKey } from "../../src/core/api-key.ts";
import type { TerraformWorkspace } from "./terraform.ts";

/** The live keys of the account `acme`, without the one that every account is made with. */
export async function acmeKeys(at: TerraformWorkspace): Promise<readonly ApiKey[]> {
  const { keys } = await at.withPlatform(({ api }) => api.listKeys("acme", { limit: 100 }));
  return keys.filter(({ name }) => name !== "default-key");
}

/** The live key of that name; throws if there is none. */
export async function acmeKey(at: TerraformWorkspace, name: string): Promise<ApiKey> {
  const key = (await acmeKeys(at)).find((one) => one.name === name);
  if (key === undefined) throw new Error(`no live key ${name}`);
  return key;
}

/** The ids of the live keys by name: what no run may change that only changes keys. */
export async function acmeIds(at: TerraformWorkspace): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries((await acmeKeys(at)).map(({ name, id }) => [name, id]));
}

let changeSets = 0;

/** Changes a key as somebody beside Terraform. */
export async function byHand(at: TerraformWorkspace, name: string, change: (key: ApiKey) => KeyChange): Promise<void> {
  const changes = [change(await acmeKey(at, name))];
  const id = `by-hand-change-set-${String(++changeSets)}`;
  await at.withPlatform(({ api }) => api.commit("acme", { id, project: null, message: "", changes }));
}

import { createHash, randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";
import { DEFAULT_SPEC } from "../../dist/core/key-spec.js";
import { makeToken, tokenDigest, tokenMask } from "../../dist/core/token.js";
import { adminKeys } from "../../dist/platform/admin-keys.js";
import { keyService } from "../../dist/platform/service.js";
import { openStore } from "../../dist/platform/store/open-store.js";
import { unseal } from "../../dist/platform/unseal.js";

const CALLER = { actor: "bench", role: "admin", account: null, keyId: null };
const sha256 = (text) => createHash("sha256").update(text).digest("hex");

/** The service over a fresh store, and its parts. */
export async function openService(store) {
  const driver = await openStore(store, { create: true });
  const randomId = () => randomBytes(12).toString("hex");
  const pepperFile = store.startsWith("file:") ? `${store.slice(5)}.pepper` : `${process.env.TMPDIR ?? "/tmp"}/unused`;
  const pepperText = undefined;
  const pepper = await unseal(driver, { pepperFile, pepperText, random: randomBytes, randomId });
  const parts = { driver, pepper, clock: Date.now, randomId };
  return {
    driver,
    pepper,
    api: keyService({ ...parts, caller: CALLER, kind: "server" }),
    adminToken: async (name, role) => {
      const token = makeToken("admin", randomBytes);
      const digest = tokenDigest(token, sha256);
      await adminKeys(parts, CALLER).create({
        name,
        role,
        account: null,
        mask: tokenMask(token),
        expires: null,
        digest,
      });
      return token.reveal();
    },
    close: () => driver.close(),
  };
}

/** Makes keys in change sets of 10,000; `slowest` is the longest of them in milliseconds. */
export async function manyKeys({ api }, count) {
  await api.createAccount({ name: "acme", defaultKey: "none" });
  let slowest = 0;
  for (let start = 0; start < count; start += 10_000) {
    const changes = Array.from({ length: Math.min(10_000, count - start) }, (_, offset) => created(start + offset));
    const begin = performance.now();
    await api.commit("acme", { id: `bench-change-set-${start}`, project: null, message: "bench", changes });
    slowest = Math.max(slowest, performance.now() - begin);
  }
  return { slowest };
}

/** The token of the key of that number, the same in every run of a process. */
export function tokenOf(index) {
  const bytes = createHash("sha512").update(String(index)).digest();
  return makeToken("caller", (length) => bytes.subarray(0, length).map((byte) => byte % 248));
}

function created(index) {
  const token = tokenOf(index);
  const credential = { id: `bench-credential-${index}`, digest: tokenDigest(token, sha256), mask: tokenMask(token) };
  const spec = { ...DEFAULT_SPEC, algorithms: ["algo://demo/Hello", `algo://nlp/summarizer_${index % 97}`] };
  return { action: "create", name: `app-${index}`, spec, managedBy: null, credential };
}

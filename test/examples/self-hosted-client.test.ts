import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeFolder, startSelfHosted, type SelfHosted } from "./self-hosted-world.ts";

/** The part of the npm package `algorithmia` 0.3.10 that is used here; it has no types of its own. */
interface OriginalClient {
  algo(path: string): { pipe(input: unknown): { then(done: (answer: OriginalAnswer) => void): void } };
  file(path: string): OriginalFile;
  dir(path: string): OriginalDir;
}

interface OriginalAnswer {
  readonly status: number;
  readonly error?: { readonly message: string };
  get(): unknown;
}

type Done = (body: unknown, status: number) => void;

interface OriginalFile {
  putString(text: string, done: Done): void;
  putJson(json: string, done: Done): void;
  put(bytes: Buffer, done: Done): void;
  getString(done: Done): void;
  getJson(done: Done): void;
  get(done: (error: unknown, bytes: unknown) => void): void;
  exists(done: (exists: boolean, status?: number) => void): void;
  delete(done: Done): void;
}

interface OriginalDir {
  create(done: Done): void;
  exists(done: (exists: boolean) => void): void;
  file(name: string): OriginalFile;
  forEachFile(each: (error: unknown, file: { data_path: string }) => void): { then(done: () => void): void };
  delete(force: boolean, done: Done): void;
}

const algorithmia = createRequire(import.meta.url)("algorithmia") as {
  client(key: string, address: string): OriginalClient;
};

const folder = makeFolder();
let world: SelfHosted;

beforeAll(async () => {
  world = await startSelfHosted(folder.path, { gateway: true });
});

afterAll(async () => {
  await world.end();
  folder.remove();
});

function clientOf(variable: string): OriginalClient {
  return algorithmia.client(world.secrets[variable] ?? "", world.serving.url);
}

function pipe(client: OriginalClient, path: string, input: unknown): Promise<OriginalAnswer> {
  return new Promise((resolve) => {
    client.algo(path).pipe(input).then(resolve);
  });
}

/** Turns a call that takes a callback into its arguments. */
function told(call: (done: Done) => void): Promise<{ readonly body: unknown; readonly status: number }> {
  return new Promise((resolve) => {
    call((body, status) => {
      resolve({ body, status });
    });
  });
}

describe("the npm package algorithmia, unmodified, with keys that were applied", () => {
  test("is the version that the project names", () => {
    const manifest = createRequire(import.meta.url)("algorithmia/package.json") as { readonly version: string };
    expect(manifest.version).toBe("0.3.10");
  });

  test("calls demo/Hello with text, JSON and bytes, in every way of writing its path", async () => {
    const client = clientOf("GREETER_KEY");
    for (const path of ["demo/Hello", "demo/Hello/0.1.1", "algo://demo/Hello", "algo://demo/Hello/0.1.1?timeout=10"]) {
      expect((await pipe(client, path, "HAL 9000")).get()).toBe("Hello HAL 9000");
    }
    expect((await pipe(client, "demo/Hello", { name: "HAL 9000" })).get()).toBe("Hello HAL 9000");
    expect((await pipe(client, "demo/Hello", Buffer.from("HAL"))).get()).toEqual(Buffer.from("Hello HAL"));
  });

  test("calls demos/sentiment_analysis and reads its JSON", async () => {
    const client = clientOf("NIGHTLY_BATCH_KEY");
    const reviews = ["I love it, it works perfectly!", "Not good at all. Terrible."];
    const answer = await pipe(client, "demos/sentiment_analysis", reviews);
    const [first, second] = answer.get() as readonly { readonly document: string; readonly sentiment: number }[];
    expect(first?.document).toBe(reviews[0]);
    expect(first?.sentiment).toBeGreaterThan(0.5);
    expect(second?.sentiment).toBeLessThan(-0.4);
  });

  test("writes, reads, lists and deletes data", async () => {
    const scores = clientOf("NIGHTLY_BATCH_KEY").dir("data://.my/scores");
    expect(
      await told((done) => {
        scores.create(done);
      }),
    ).toMatchObject({ status: 200, body: { result: "data://acme/scores" } });
    const file = scores.file("2026-06-01.json");
    const json = JSON.stringify({ score: 0.9 });
    expect(
      await told((done) => {
        file.putJson(json, done);
      }),
    ).toMatchObject({ status: 200 });
    expect(
      (
        await told((done) => {
          file.getJson(done);
        })
      ).body,
    ).toEqual({ score: 0.9 });
    expect(
      (
        await told((done) => {
          file.getString(done);
        })
      ).body,
    ).toBe(json);
    const bytes = Buffer.from([0, 255, 1]);
    await told((done) => {
      scores.file("raw").put(bytes, done);
    });
    expect(
      await new Promise((resolve) => {
        scores.file("raw").get((_, read) => {
          resolve(read);
        });
      }),
    ).toEqual(bytes);
    const names: string[] = [];
    await new Promise<void>((resolve) => {
      scores.forEachFile((_, { data_path }) => names.push(data_path)).then(resolve);
    });
    expect(names).toEqual([".my/scores/2026-06-01.json", ".my/scores/raw"]);
    expect(
      await new Promise((resolve) => {
        file.exists(resolve);
      }),
    ).toBe(true);
    expect(
      await told((done) => {
        file.delete(done);
      }),
    ).toMatchObject({ body: { result: { deleted: 1 } } });
    expect(
      await new Promise((resolve) => {
        file.exists(resolve);
      }),
    ).toBe(false);
  });

  test("with a key that may read data reads it and gets an error for every write", async () => {
    const batch = clientOf("NIGHTLY_BATCH_KEY").dir("data://acme/shown");
    await told((done) => {
      batch.create(done);
    });
    await told((done) => {
      batch.file("a").putString("seen", done);
    });
    const dashboard = clientOf("DASHBOARD_KEY").dir("data://acme/shown");
    expect(
      (
        await told((done) => {
          dashboard.file("a").getString(done);
        })
      ).body,
    ).toBe("seen");
    const refused = { status: 403, body: { error: { message: expect.stringContaining("data access") as string } } };
    expect(
      await told((done) => {
        dashboard.file("a").putString("changed", done);
      }),
    ).toMatchObject(refused);
    expect(
      await told((done) => {
        dashboard.file("a").delete(done);
      }),
    ).toMatchObject(refused);
    expect(
      await told((done) => {
        dashboard.delete(true, done);
      }),
    ).toMatchObject(refused);
    expect(
      (
        await told((done) => {
          batch.file("a").getString(done);
        })
      ).body,
    ).toBe("seen");
  });

  test("gets the original's errors where its key does not allow a call", async () => {
    async function failure(variable: string, path: string): Promise<readonly unknown[]> {
      const answer = await pipe(clientOf(variable), path, "HAL");
      expect(() => answer.get()).toThrow();
      return [answer.status, answer.error?.message];
    }
    expect(await failure("GREETER_KEY", "demos/sentiment_analysis")).toEqual([
      403,
      "algorithm algo://demos/sentiment_analysis not allowed: this key's algorithms do not hold it",
    ]);
    expect(await failure("DASHBOARD_KEY", "demo/Hello")).toMatchObject([403, expect.stringContaining("not allowed")]);
    expect(await failure("STOREFRONT_WEB_KEY", "demos/sentiment_analysis")).toEqual([
      403,
      "this API key works in web pages only",
    ]);
    expect(await failure("NO_SUCH_VARIABLE", "demo/Hello")).toMatchObject([
      401,
      expect.stringContaining("authorization required"),
    ]);
    expect(await failure("GREETER_KEY", "demo/Hello/9.9.9")).toEqual([
      404,
      "algorithm algo://demo/Hello/9.9.9 not found",
    ]);
    const unknown = algorithmia.client("simAAAAAAAAAAAAAAAAAAAAAAAA1", world.serving.url);
    const answer = await pipe(unknown, "demo/Hello", "HAL");
    expect([answer.status, answer.error?.message]).toEqual([401, "unknown or invalid API key"]);
    const data = await told((done) => {
      clientOf("GREETER_KEY").file("data://.my/scores/a").getString(done);
    });
    expect(data).toMatchObject({
      status: 403,
      body: { error: { message: expect.stringContaining("data access") as string } },
    });
  });

  test("loses its access at once when its key is switched off, and leaves no secret in the logs", async () => {
    const before = await pipe(clientOf("GREETER_KEY"), "demo/Hello", "HAL");
    expect(before.get()).toBe("Hello HAL");
    const token = await world.serving.adminToken({ name: "on-call", role: "writer" });
    const listed = await world.serving.send("GET", "/v2/accounts/acme/keys", { token });
    const { keys } = listed.json as {
      readonly keys: readonly { name: string; id: string; revision: number; spec: object }[];
    };
    const key = keys.find(({ name }) => name === "greeter");
    const off = await world.serving.send("PATCH", `/v2/accounts/acme/keys/${key?.id ?? ""}`, {
      token,
      headers: { "If-Match": `"${key?.id ?? ""}.${String(key?.revision)}"` },
      body: { spec: { ...key?.spec, enabled: false } },
    });
    expect(off).toMatchObject({ status: 200 });
    const after = await pipe(clientOf("GREETER_KEY"), "demo/Hello", "HAL");
    expect([after.status, after.error?.message]).toEqual([401, "this API key is disabled"]);
    for (const secret of Object.values(world.secrets)) expect(world.serving.log()).not.toContain(secret);
    expect(world.upstreamErrors()).toBe("");
  });
});

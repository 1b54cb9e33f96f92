import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openChromium, type Browser } from "../support/chromium.ts";
import { makeFolder, startSelfHosted, type SelfHosted } from "./self-hosted-world.ts";

const folder = makeFolder();
let world: SelfHosted;
let browser: Browser;
let site: Server;
let port: number;

beforeAll(async () => {
  world = await startSelfHosted(folder.path, { gateway: true });
  site = createServer((request, response) => {
    response.setHeader("Content-Type", "text/html");
    // A page without a Referer still sends Origin, which is what decides.
    if (request.url === "/no-referrer") response.setHeader("Referrer-Policy", "no-referrer");
    response.end("<!doctype html><title>shop</title><h1>Shop</h1>");
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  port = (site.address() as AddressInfo).port;
  browser = await openChromium();
});

afterAll(async () => {
  await browser.close();
  site.closeAllConnections();
  site.close();
  await world.end();
  folder.remove();
});

interface Outcome {
  readonly status?: number;
  readonly body?: unknown;
  readonly reason?: string | null;
  /** What the page got instead of an answer that it may read. */
  readonly failure?: string;
}

/** Calls the sentiment algorithm from within a page, as a widget does. */
async function callFrom(page: Page, key: string, path = "/v1/web/algo/demos/sentiment_analysis"): Promise<Outcome> {
  return await page.evaluate(
    async ({ url, token }): Promise<Outcome> => {
      try {
        const response = await fetch(url, {
          method: "POST",
          headers: { Authorization: `Simple ${token}`, "Content-Type": "application/json" },
          body: JSON.stringify("I love this shop!"),
        });
        const reason = response.headers.get("X-Algokeys-Reason");
        return { status: response.status, body: await response.json(), reason };
      } catch (error) {
        return { failure: String(error) };
      }
    },
    { url: `${world.serving.url}${path}`, token: key },
  );
}

async function open(host: string, path = "/"): Promise<Page> {
  const page = await browser.context.newPage();
  await page.goto(`http://${host}:${String(port)}${path}`);
  return page;
}

function key(variable: string): string {
  return world.secrets[variable] ?? "";
}

/** How many requests the log holds, once it holds all that were answered: its lines go out in order, a little later. */
async function loggedSoFar(): Promise<number> {
  const { headers } = await world.serving.send("GET", "/v2/health");
  const requests = (): number =>
    1 + world.serving.lines("request").findIndex(({ request }) => request === headers.get("X-Request-Id"));
  await expect.poll(requests).not.toBe(0);
  return requests();
}

/** The statuses and reasons that the server logged for calls of the route since `from`. */
function logged(from: number): readonly string[] {
  return world.serving
    .lines("request")
    .slice(from)
    .map((line) => `${String(line["method"])} ${String(line["status"])} ${String(line["reason"])}`);
}

describe("a page in Chromium that calls /v1/web/algo with the key of storefront-web", () => {
  test("on an allowed site gets its result, after a preflight that bears no key", async () => {
    const from = await loggedSoFar();
    const page = await open("localhost");
    const outcome = await callFrom(page, key("STOREFRONT_WEB_KEY"));
    expect(outcome).toMatchObject({ status: 200, body: { result: { sentiment: expect.any(Number) as number } } });
    const { result } = outcome.body as { readonly result: { readonly sentiment: number } };
    expect(result.sentiment).toBeGreaterThan(0.5);
    await expect.poll(() => logged(from)).toEqual(["OPTIONS 204 preflight", "POST 200 algo"]);
  });

  test("on an allowed site works without a Referer too", async () => {
    const page = await open("localhost", "/no-referrer");
    expect(await callFrom(page, key("STOREFRONT_WEB_KEY"))).toMatchObject({ status: 200 });
  });

  test("on a foreign site is refused, and the page cannot read even that", async () => {
    const from = await loggedSoFar();
    const page = await open("127.0.0.1");
    expect(await callFrom(page, key("STOREFRONT_WEB_KEY"))).toEqual({
      failure: expect.stringContaining("Failed to fetch") as string,
    });
    await expect.poll(() => logged(from)).toEqual(["OPTIONS 204 preflight", "POST 403 no_match"]);
  });

  test("on an allowed site reads why another algorithm is refused", async () => {
    const page = await open("localhost");
    const outcome = await callFrom(page, key("STOREFRONT_WEB_KEY"), "/v1/web/algo/demo/Hello");
    expect(outcome).toMatchObject({ status: 403, reason: "not_in_list" });
  });

  test("in a sandboxed frame, whose origin is null, is refused", async () => {
    const from = await loggedSoFar();
    const page = await open("localhost");
    await page.setContent('<iframe sandbox="allow-scripts" srcdoc="<p>frame</p>"></iframe>');
    const frame = page.frames()[1];
    if (frame === undefined) throw new Error("the page has no frame");
    const failed = await frame.evaluate(
      async ({ url, token }) => {
        const headers = { Authorization: `Simple ${token}`, "Content-Type": "application/json" };
        return await fetch(url, { method: "POST", headers, body: '"I love it"' }).then(
          (response) => response.status,
          (error: unknown) => String(error),
        );
      },
      { url: `${world.serving.url}/v1/web/algo/demos/sentiment_analysis`, token: key("STOREFRONT_WEB_KEY") },
    );
    expect(failed).toContain("Failed to fetch");
    await expect.poll(() => logged(from)).toEqual(["OPTIONS 204 preflight", "POST 403 null_origin"]);
  });
});

test("a key for native callers is refused in a page, on whatever site and route", async () => {
  const from = await loggedSoFar();
  const page = await open("localhost");
  const refused = { failure: expect.stringContaining("Failed to fetch") as string };
  for (const path of ["/v1/web/algo/demo/Hello", "/v1/algo/demo/Hello"]) {
    expect(await callFrom(page, key("GREETER_KEY"), path)).toEqual(refused);
  }
  await expect
    .poll(() => logged(from).filter((line) => line.startsWith("POST")))
    .toEqual(["POST 403 web_not_allowed", "POST 403 web_not_allowed"]);
});

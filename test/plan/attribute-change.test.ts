import { describe, expect, test } from "vitest";
import { specOf, type DeclaredSpec } from "../../src/core/declared-spec.ts";
import { attributeChanges } from "../../src/plan/attribute-change.ts";
import { joinEffects } from "../../src/plan/access-effect.ts";

const diff = (before: DeclaredSpec, after: DeclaredSpec) => attributeChanges(specOf(before), specOf(after), "acme");

test("every attribute has its path, as declared, in the order of the fields", () => {
  const changes = diff(
    {
      description: "one",
      algorithms: ["algo://a/b"],
      origins: { native: true, web: false },
      labels: { team: "x", zone: "1" },
    },
    {
      description: "two",
      algorithms: ["algo://a/c"],
      origins: { native: false, web: true, referrers: ["a.example.com"] },
      data: "read",
      management: true,
      enabled: false,
      expires: "2030-01-01T00:00:00Z",
      protect: true,
      labels: { alpha: "0", team: "y" },
      rotation: { every: "90d", overlap: "24h" },
    },
  );
  expect(changes.map(({ path, access }) => `${path} ${access}`)).toEqual([
    "description none",
    "algorithms shifts",
    "origins.native narrows",
    "origins.web widens",
    "origins.referrers none",
    "data widens",
    "management widens",
    "enabled narrows",
    "expires narrows",
    "protect none",
    "labels.alpha none",
    "labels.team none",
    "labels.zone none",
    "rotation.every none",
    "rotation.overlap none",
  ]);
  expect(changes.find(({ path }) => path === "labels.zone")).toMatchObject({ before: "1", after: null });
});

test("lists hold only what goes and what comes, as written", () => {
  expect(
    diff(
      { algorithms: ["algo://A/One", "algo://a/two"] },
      { algorithms: ["algo://a/two/*", "algo://a/Three", "algo://a/three"] },
    ),
  ).toEqual([{ path: "algorithms", before: ["algo://A/One"], after: ["algo://a/Three"], access: "shifts" }]);
});

describe("spelling never differs", () => {
  test.each<[string, DeclaredSpec, DeclaredSpec]>([
    ["order", { algorithms: ["algo://a/b", "algo://a/c"] }, { algorithms: ["algo://a/c", "algo://a/b"] }],
    ["case", { algorithms: ["algo://Acme/One"] }, { algorithms: ["algo://acme/one"] }],
    ["a redundant /*", { algorithms: ["algo://a/b/*"] }, { algorithms: ["algo://a/b"] }],
    ["repetition", { algorithms: ["algo://a/b", "algo://a/b"] }, { algorithms: ["algo://a/b"] }],
    ["units", { rotation: { every: "48h" } }, { rotation: { every: "2d", overlap: "24h" } }],
    [
      "hosts",
      { origins: { web: true, referrers: ["https://Shop.Example.com:443"] } },
      { origins: { web: true, referrers: ["shop.example.com"] } },
    ],
    ["label order", { labels: { a: "1", b: "2" } }, { labels: { b: "2", a: "1" } }],
  ])("%s", (_, before, after) => {
    expect(diff(before, after)).toEqual([]);
  });
});

describe("what a change of a list does", () => {
  test.each<[string[], string[], string]>([
    [["algo://a/b"], ["algo://a/*"], "widens"],
    [["algo://a/*"], ["algo://a/b"], "narrows"],
    [["algo://*"], ["algo://a/b"], "narrows"],
    [["algo://a/b/1.*"], ["algo://a/b/1.2.*"], "narrows"],
    [["algo://a/b"], ["algo://c/d"], "shifts"],
    [["algo://a/*", "algo://a/b"], ["algo://a/*"], "none"],
    [["algo://.my/b"], ["algo://acme/b"], "none"],
    [[], ["algo://a/b"], "widens"],
  ])("algorithms %j to %j %s", (before, after, access) => {
    expect(diff({ algorithms: before }, { algorithms: after })).toMatchObject([{ path: "algorithms", access }]);
  });

  test.each<[string[] | undefined, string[] | undefined, string]>([
    [["a.example.com"], ["*.example.com"], "widens"],
    [["*.example.com"], ["a.example.com"], "narrows"],
    [["a.example.com"], undefined, "widens"],
    [undefined, ["a.example.com"], "narrows"],
    [["a.example.com"], ["b.example.com"], "shifts"],
    [["localhost"], ["http://localhost:*", "https://localhost:*"], "none"],
  ])("referrers %j to %j %s", (before, after, access) => {
    const changes = diff({ origins: { web: true, referrers: before } }, { origins: { web: true, referrers: after } });
    expect(changes).toMatchObject([{ path: "origins.referrers", access }]);
  });

  test("together, widening and narrowing shift", () => {
    expect(joinEffects(["widens", "none", "narrows"])).toBe("shifts");
    expect(joinEffects(["none", "widens"])).toBe("widens");
    expect(joinEffects([])).toBe("none");
  });
});

import { authorize, type AccessTarget } from "../../core/authorize.ts";
import { ALGORITHM_SCHEME } from "../../core/algorithm-pattern.ts";
import type { RawHeaders } from "../../core/caller-origin.ts";
import { attribute } from "../framework/attribute.ts";
import type { DataSource } from "../framework/provider-definition.ts";
import type { CtyRecord } from "../protocol/cty-value.ts";
import type { ProviderDiagnostic } from "../protocol/provider-diagnostic.ts";
import type { Connection } from "./connection.ts";
import { error } from "./diagnostics.ts";
import { checkFinding, FINDING_ATTRIBUTES, findKey } from "./find-key.ts";

const METHODS: Readonly<Record<string, string>> = { read: "GET", write: "PUT" };

/** `data "algorithmia_access"`: the decision on a call, by the rule that the gateway enforces. */
export const accessData: DataSource<Connection> = {
  description:
    "Whether a live key may make a call, and why: the decision of the very rule that the gateway enforces. Made for `check` " +
    "blocks. Nothing is called.",
  attributes: {
    ...FINDING_ATTRIBUTES,
    call: attribute(
      "string",
      "author-or-null",
      "An algorithm to call, `algo://owner/name` with or without a version. State this or `data`.",
    ),
    data: attribute(
      "string",
      "author-or-null",
      "What to do over the Data API, `read` or `write`. State this or `call`.",
    ),
    origin: attribute(
      "string",
      "author-or-null",
      "The page that calls, `https://shop.example.com`. Absent: a program calls.",
    ),
    allowed: attribute("bool", "provider", "Whether the call is allowed."),
    reason: attribute(
      "string",
      "provider",
      "Why, as a stable code such as `owner`, `not_in_list` or `web_not_allowed`.",
    ),
  },
  validate: (config) => [...checkFinding(config), ...checkQuestion(config)],
  read: async (connection, config) => {
    const found = await findKey(config, connection);
    if (!found.ok) return found;
    const key = found.value;
    const { origin } = config;
    const headers: RawHeaders = typeof origin === "string" ? [["Origin", origin]] : [];
    const { effect, reason } = authorize(key, { target: targetOf(config), headers, now: connection.now() });
    const named = {
      name: config["name"] ?? key.name,
      id: config["id"] ?? key.id,
      account: config["account"] ?? key.account,
    };
    return { ok: true, value: { ...config, ...named, allowed: effect === "allow", reason }, diagnostics: [] };
  },
};

function checkQuestion({ call, data, origin }: CtyRecord): readonly ProviderDiagnostic[] {
  const found: ProviderDiagnostic[] = [];
  if ((call === null) === (data === null)) {
    const detail = 'Write call = "algo://demos/sentiment_analysis", or data = "read".';
    found.push(error(call === null ? "No call is stated" : "Two calls are stated", detail, "call"));
  }
  if (typeof data === "string" && METHODS[data] === undefined) {
    found.push(error("data is neither read nor write", 'Write data = "read" or data = "write".', "data"));
  }
  if (typeof origin === "string" && !isOrigin(origin)) {
    const detail = "Write it as browsers send it: https://shop.example.com, without a path.";
    found.push(error("origin is no page's origin", detail, "origin"));
  }
  return found;
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

function targetOf({ call, data }: CtyRecord): AccessTarget {
  if (typeof call !== "string") return { type: "data", method: METHODS[data as string] ?? "" };
  return { type: "algorithm", call: call.startsWith(ALGORITHM_SCHEME) ? call.slice(ALGORITHM_SCHEME.length) : call };
}

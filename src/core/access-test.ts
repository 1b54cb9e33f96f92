import type { DataAccess } from "./data-access.ts";

/** One expectation of an access test: a call that must be allowed or refused. Read by the CLI only. */
export interface AccessTest {
  readonly call?: string | undefined;
  readonly data?: Exclude<DataAccess, "none"> | undefined;
  readonly origin?: string | undefined;
  readonly expect: "allow" | "deny";
}

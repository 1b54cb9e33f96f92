import { accountPath, adminKeyPath, BODY_LIMITS } from "../../api/routes.ts";
import {
  readChangeSet,
  readLeaseGrip,
  readLeaseRequest,
  readNewAccount,
  readNewAdminKey,
} from "../../api/wire-requests.ts";
import { wireChangePage } from "../../api/wire.ts";
import { readPageQuery, type Route } from "./route.ts";

/** The routes of the platform itself, of accounts with their history, and of admin keys. */
export const ACCOUNT_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/v2/platform",
    handle: async (call) => ({ status: 200, body: await call.api.platform(call) }),
  },
  {
    method: "GET",
    path: "/v2/whoami",
    handle: async (call) => ({ status: 200, body: await call.api.whoami(call) }),
  },
  {
    method: "POST",
    path: "/v2/accounts",
    body: BODY_LIMITS.other,
    handle: async (call) => {
      const account = await call.api.createAccount(readNewAccount(call.body), call);
      return { status: 201, body: account, headers: { location: accountPath(account.name) } };
    },
  },
  {
    method: "GET",
    path: "/v2/accounts/{account}",
    handle: async (call) => ({ status: 200, body: await call.api.getAccount(call.account, call) }),
  },
  {
    method: "GET",
    path: "/v2/accounts/{account}/change-sets",
    query: ["limit", "cursor"],
    handle: async (call) => {
      const page = await call.api.listChangeSets(call.account, readPageQuery(call.query), call);
      return { status: 200, body: page };
    },
  },
  {
    method: "POST",
    path: "/v2/accounts/{account}/change-sets",
    body: BODY_LIMITS.changeSet,
    handle: async (call) => {
      return { status: 200, body: await call.api.commit(call.account, readChangeSet(call.body), call) };
    },
  },
  {
    method: "POST",
    path: "/v2/accounts/{account}/leases",
    body: BODY_LIMITS.other,
    handle: async (call) => {
      return { status: 200, body: await call.api.takeLease(call.account, readLeaseRequest(call.body), call) };
    },
  },
  {
    method: "POST",
    path: "/v2/accounts/{account}/leases/renew",
    body: BODY_LIMITS.other,
    handle: async (call) => {
      return { status: 200, body: await call.api.renewLease(call.account, readLeaseGrip(call.body), call) };
    },
  },
  {
    method: "POST",
    path: "/v2/accounts/{account}/leases/release",
    body: BODY_LIMITS.other,
    handle: async (call) => {
      const released = await call.api.releaseLease(call.account, readLeaseGrip(call.body), call);
      return { status: 200, body: { released } };
    },
  },
  {
    method: "GET",
    path: "/v2/accounts/{account}/change-sets/{id}/changes",
    query: ["limit", "cursor"],
    handle: async (call) => {
      const page = await call.api.listChanges(call.account, call.id, readPageQuery(call.query), call);
      return { status: 200, body: wireChangePage(page) };
    },
  },
  {
    method: "GET",
    path: "/v2/admin-keys",
    handle: async ({ adminKeys }) => ({ status: 200, body: { adminKeys: await adminKeys.list() } }),
  },
  {
    method: "POST",
    path: "/v2/admin-keys",
    body: BODY_LIMITS.other,
    handle: async ({ adminKeys, body }) => {
      const made = await adminKeys.create(readNewAdminKey(body));
      return { status: 201, body: made, headers: { location: adminKeyPath(made.id) } };
    },
  },
  {
    method: "DELETE",
    path: "/v2/admin-keys/{id}",
    handle: async ({ adminKeys, id }) => ({ status: 200, body: await adminKeys.revoke(id) }),
  },
];

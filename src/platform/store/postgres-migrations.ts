import type { Migration } from "./migrations.ts";

/** Compared byte by byte: moments are compared as text, and no locale's order may have a say in that. */
const TEXT = 'text COLLATE "C"';
const SEQ = "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY";

/**
 * The schema of the PostgreSQL store: what `migrations.ts` says of SQLite's, and
 *
 * - `platform.epoch` counts the commits after which what was read before may be wrong.
 * - `replicas` are the processes that keep memory of keys: up to which epoch each has dropped it, and until when (the
 *   database's clock) it may serve from it without asking.
 * - That a key and a credential have an account follows from what else they refer to; checking it would cost a look-up
 *   for each.
 */
export const POSTGRES_MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE platform (
        "only" integer PRIMARY KEY CHECK ("only" = 1),
        instance ${TEXT} NOT NULL,
        canary ${TEXT} NOT NULL,
        epoch bigint NOT NULL DEFAULT 0
      );

      CREATE TABLE replicas (
        id ${TEXT} PRIMARY KEY,
        seen bigint NOT NULL,
        lease_until timestamptz NOT NULL
      );

      CREATE TABLE accounts (
        seq ${SEQ},
        name ${TEXT} NOT NULL,
        name_key ${TEXT} NOT NULL UNIQUE,
        revision bigint NOT NULL,
        live_keys bigint NOT NULL,
        created_at ${TEXT} NOT NULL,
        created_by ${TEXT} NOT NULL,
        changed_at ${TEXT} NOT NULL
      );

      CREATE TABLE change_sets (
        account bigint NOT NULL REFERENCES accounts,
        revision bigint NOT NULL,
        id ${TEXT} NOT NULL,
        content ${TEXT} NOT NULL,
        committed_at ${TEXT} NOT NULL,
        actor ${TEXT} NOT NULL,
        project ${TEXT},
        message ${TEXT} NOT NULL,
        results ${TEXT} NOT NULL,
        PRIMARY KEY (account, revision),
        UNIQUE (account, id)
      );

      CREATE TABLE api_keys (
        seq ${SEQ},
        account bigint NOT NULL,
        id ${TEXT} NOT NULL UNIQUE,
        name ${TEXT} NOT NULL,
        name_key ${TEXT} NOT NULL,
        spec ${TEXT} NOT NULL,
        revision bigint NOT NULL,
        managed_by ${TEXT},
        renamed_from ${TEXT},
        created_at ${TEXT} NOT NULL,
        deleted_at ${TEXT},
        FOREIGN KEY (account, revision) REFERENCES change_sets
      );
      CREATE UNIQUE INDEX live_names ON api_keys (account, name_key) WHERE deleted_at IS NULL;
      CREATE INDEX live_keys ON api_keys (account, seq) WHERE deleted_at IS NULL;
      CREATE INDEX deleted_keys ON api_keys (account, seq) WHERE deleted_at IS NOT NULL;

      CREATE TABLE credentials (
        seq ${SEQ},
        account bigint NOT NULL,
        key_seq bigint NOT NULL REFERENCES api_keys,
        id ${TEXT} NOT NULL UNIQUE,
        digest ${TEXT} NOT NULL UNIQUE,
        mask ${TEXT} NOT NULL,
        fingerprint ${TEXT} NOT NULL,
        created_at ${TEXT} NOT NULL,
        acknowledged_at ${TEXT},
        retires_at ${TEXT},
        revoked_at ${TEXT}
      );
      CREATE INDEX credentials_of_keys ON credentials (account, key_seq, seq);

      CREATE TABLE changes (
        account bigint NOT NULL,
        revision bigint NOT NULL,
        position bigint NOT NULL,
        action ${TEXT} NOT NULL,
        key_id ${TEXT} NOT NULL,
        credential ${TEXT},
        before ${TEXT},
        after ${TEXT},
        PRIMARY KEY (account, revision, position),
        FOREIGN KEY (account, revision) REFERENCES change_sets
      );
    `,
  },
  {
    version: 2,
    sql: `
      CREATE TABLE admin_keys (
        seq ${SEQ},
        id ${TEXT} NOT NULL UNIQUE,
        name ${TEXT} NOT NULL,
        name_key ${TEXT} NOT NULL,
        role ${TEXT} NOT NULL CHECK (role IN ('reader', 'writer', 'admin')),
        account ${TEXT},
        digest ${TEXT} NOT NULL UNIQUE,
        mask ${TEXT} NOT NULL,
        created_at ${TEXT} NOT NULL,
        created_by ${TEXT} NOT NULL,
        expires_at ${TEXT},
        revoked_at ${TEXT}
      );
      CREATE UNIQUE INDEX live_admin_names ON admin_keys (name_key) WHERE revoked_at IS NULL;

      CREATE TABLE usage (
        key_id ${TEXT} NOT NULL,
        hour ${TEXT} NOT NULL,
        target ${TEXT} NOT NULL,
        origin ${TEXT} NOT NULL,
        allowed bigint NOT NULL,
        denied bigint NOT NULL,
        PRIMARY KEY (key_id, hour, target, origin)
      );

      CREATE TABLE last_used (
        key_id ${TEXT} PRIMARY KEY,
        at ${TEXT} NOT NULL
      );
    `,
  },
  {
    version: 3,
    sql: `
      CREATE TABLE leases (
        account bigint NOT NULL REFERENCES accounts,
        project ${TEXT} NOT NULL,
        fence bigint NOT NULL,
        runner ${TEXT},
        actor ${TEXT} NOT NULL,
        host ${TEXT} NOT NULL,
        process ${TEXT} NOT NULL,
        command ${TEXT} NOT NULL,
        taken_at ${TEXT} NOT NULL,
        lease_until ${TEXT} NOT NULL,
        PRIMARY KEY (account, project)
      );
    `,
  },
  {
    version: 4,
    sql: `
      ALTER TABLE change_sets ADD COLUMN made_from ${TEXT};
      ALTER TABLE change_sets ADD COLUMN address ${TEXT};
    `,
  },
];

/** One step of the schema, as statements of the database's own dialect. Once released, a step never changes. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

/**
 * The schema of the SQLite store.
 *
 * - `platform` has one row: the instance and the canary that proves the pepper.
 * - `api_keys` and `credentials` are in the order of their `seq`, which is the order of their making.
 * - `api_keys.revision` leads to the change set that last changed the key: when, by whom, in whose name.
 * - `change_sets` and `changes` are the audit record: nothing in them is ever changed or removed.
 * - A live name is unique per account by index; `name_key` is the name in the form in which names are compared.
 * - `credentials.digest` is HMAC-SHA-256(pepper, SHA-256(token)) in hexadecimal, never anything nearer to the token.
 * - `admin_keys` open the management API; `account` is the name key of the one account that they are bound to, or NULL.
 * - `usage` counts calls per key, hour (its beginning), target and origin; `last_used` has the last allowed call of a key.
 * - `leases` has the last lease of a project; `runner` is NULL once it was given back. The row stays for its fence.
 */
export const SQLITE_MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE platform (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        instance TEXT NOT NULL,
        canary TEXT NOT NULL
      ) STRICT;

      CREATE TABLE accounts (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        name_key TEXT NOT NULL UNIQUE,
        revision INTEGER NOT NULL,
        live_keys INTEGER NOT NULL,
        created_at TEXT NOT NULL,
        created_by TEXT NOT NULL,
        changed_at TEXT NOT NULL
      ) STRICT;

      CREATE TABLE change_sets (
        account INTEGER NOT NULL REFERENCES accounts,
        revision INTEGER NOT NULL,
        id TEXT NOT NULL,
        content TEXT NOT NULL,
        committed_at TEXT NOT NULL,
        actor TEXT NOT NULL,
        project TEXT,
        message TEXT NOT NULL,
        results TEXT NOT NULL,
        PRIMARY KEY (account, revision),
        UNIQUE (account, id)
      ) STRICT;

      CREATE TABLE api_keys (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        account INTEGER NOT NULL REFERENCES accounts,
        id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        name_key TEXT NOT NULL,
        spec TEXT NOT NULL,
        revision INTEGER NOT NULL,
        managed_by TEXT,
        renamed_from TEXT,
        created_at TEXT NOT NULL,
        deleted_at TEXT,
        FOREIGN KEY (account, revision) REFERENCES change_sets
      ) STRICT;
      CREATE UNIQUE INDEX live_names ON api_keys (account, name_key) WHERE deleted_at IS NULL;
      CREATE INDEX live_keys ON api_keys (account, seq) WHERE deleted_at IS NULL;
      CREATE INDEX deleted_keys ON api_keys (account, seq) WHERE deleted_at IS NOT NULL;

      CREATE TABLE credentials (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        account INTEGER NOT NULL REFERENCES accounts,
        key_seq INTEGER NOT NULL REFERENCES api_keys,
        id TEXT NOT NULL UNIQUE,
        digest TEXT NOT NULL UNIQUE,
        mask TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        created_at TEXT NOT NULL,
        acknowledged_at TEXT,
        retires_at TEXT,
        revoked_at TEXT
      ) STRICT;
      CREATE INDEX credentials_of_keys ON credentials (account, key_seq, seq);

      CREATE TABLE changes (
        account INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        position INTEGER NOT NULL,
        action TEXT NOT NULL,
        key_id TEXT NOT NULL,
        credential TEXT,
        before TEXT,
        after TEXT,
        PRIMARY KEY (account, revision, position),
        FOREIGN KEY (account, revision) REFERENCES change_sets
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 2,
    sql: `
      CREATE TABLE admin_keys (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        name_key TEXT NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('reader', 'writer', 'admin')),
        account TEXT,
        digest TEXT NOT NULL UNIQUE,
        mask TEXT NOT NULL,
        created_at TEXT NOT NULL,
        created_by TEXT NOT NULL,
        expires_at TEXT,
        revoked_at TEXT
      ) STRICT;
      CREATE UNIQUE INDEX live_admin_names ON admin_keys (name_key) WHERE revoked_at IS NULL;

      CREATE TABLE usage (
        key_id TEXT NOT NULL,
        hour TEXT NOT NULL,
        target TEXT NOT NULL,
        origin TEXT NOT NULL,
        allowed INTEGER NOT NULL,
        denied INTEGER NOT NULL,
        PRIMARY KEY (key_id, hour, target, origin)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE last_used (
        key_id TEXT PRIMARY KEY,
        at TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 3,
    sql: `
      CREATE TABLE leases (
        account INTEGER NOT NULL REFERENCES accounts,
        project TEXT NOT NULL,
        fence INTEGER NOT NULL,
        runner TEXT,
        actor TEXT NOT NULL,
        host TEXT NOT NULL,
        process TEXT NOT NULL,
        command TEXT NOT NULL,
        taken_at TEXT NOT NULL,
        lease_until TEXT NOT NULL,
        PRIMARY KEY (account, project)
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 4,
    sql: `
      ALTER TABLE change_sets ADD COLUMN made_from TEXT;
      ALTER TABLE change_sets ADD COLUMN address TEXT;
    `,
  },
];

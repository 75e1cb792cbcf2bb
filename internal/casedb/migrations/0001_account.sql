-- Moments are microseconds since 1970-01-01 in UTC, see casedb.Micros.

CREATE TABLE account (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT    NOT NULL UNIQUE, -- lower case
    role        TEXT    NOT NULL CHECK (role IN ('admin', 'analyst', 'reader', 'ingest')),
    password    TEXT    NOT NULL,        -- argon2id with its parameters, PHC string format
    must_change INTEGER NOT NULL,        -- 1: the password is a one-time one
    disabled    INTEGER NOT NULL DEFAULT 0,
    created     INTEGER NOT NULL,
    last_signin INTEGER                  -- NULL: never
) STRICT;

CREATE TABLE session (
    hash    BLOB    PRIMARY KEY,         -- SHA-256 of the cookie's value
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    csrf    TEXT    NOT NULL,
    created INTEGER NOT NULL,
    seen    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_account ON session (account);

CREATE TABLE token (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT    NOT NULL,
    hash       BLOB    NOT NULL UNIQUE,  -- SHA-256 of the token
    role       TEXT    NOT NULL CHECK (role IN ('admin', 'analyst', 'reader', 'ingest')),
    created    INTEGER NOT NULL,
    created_by TEXT    NOT NULL,
    expires    INTEGER,                  -- NULL: never
    last_used  INTEGER,                  -- NULL: never; to the minute
    revoked    INTEGER                   -- NULL: it is valid
) STRICT;

CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    at        INTEGER NOT NULL,
    actor     TEXT    NOT NULL,
    role      TEXT    NOT NULL,
    action    TEXT    NOT NULL,
    target    TEXT    NOT NULL,
    client_ip TEXT    NOT NULL,
    succeeded INTEGER NOT NULL,
    rows      INTEGER NOT NULL,
    duration  INTEGER NOT NULL,          -- microseconds
    detail    TEXT    NOT NULL           -- JSON, or empty
) STRICT;

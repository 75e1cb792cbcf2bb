-- How people want to see things.

CREATE TABLE preference (
    owner TEXT NOT NULL,
    name  TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (owner, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE column_set (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    view    TEXT    NOT NULL,      -- the table that it is for
    name    TEXT    NOT NULL,
    owner   TEXT    NOT NULL,
    shared  INTEGER NOT NULL,
    columns TEXT    NOT NULL,      -- JSON array of names, in order
    at      INTEGER NOT NULL,
    UNIQUE (view, owner, name)
) STRICT;

-- Watchlists: tables that people import for queries to read. Every import is a version.

CREATE TABLE watchlist (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    alias       TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    name        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    owner       TEXT    NOT NULL,
    expires     INTEGER,              -- NULL: never
    version     INTEGER NOT NULL      -- the one that queries read
) STRICT;

CREATE TABLE watchlist_version (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    watchlist  INTEGER NOT NULL REFERENCES watchlist (id) ON DELETE CASCADE,
    version    INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    by         TEXT    NOT NULL,
    source     TEXT    NOT NULL,      -- name of the file
    restored   INTEGER NOT NULL,      -- the version whose rows it brought back, 0: none
    search_key TEXT    NOT NULL,
    columns    TEXT    NOT NULL,      -- JSON array of names
    rows       INTEGER NOT NULL,
    items      BLOB    NOT NULL,      -- gzip of a JSON array
    UNIQUE (watchlist, version)
) STRICT;

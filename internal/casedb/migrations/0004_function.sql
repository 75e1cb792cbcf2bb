-- Stored functions: KQL that people keep under a name. Every change is a row; the newest
-- of a name is what holds.

CREATE TABLE stored_function (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT    NOT NULL,
    parameters TEXT    NOT NULL,  -- with their parentheses
    body       TEXT    NOT NULL,  -- with its braces
    folder     TEXT    NOT NULL,
    docstring  TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    by         TEXT    NOT NULL,
    dropped    INTEGER NOT NULL   -- 1: this change took it away
) STRICT;
CREATE INDEX stored_function_name ON stored_function (name, id);

-- Where on the web externaldata may read.

CREATE TABLE external_location (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    location TEXT    NOT NULL UNIQUE,  -- https://host[:port]/path
    reason   TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    by       TEXT    NOT NULL
) STRICT;

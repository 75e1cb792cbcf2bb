-- Known-noise lists, in the form of the MISP warninglists. A list that is imported again
-- is a new row.

CREATE TABLE noise_list (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    slug        TEXT    NOT NULL UNIQUE,
    name        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    type        TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    attributes  TEXT    NOT NULL,      -- JSON array of MISP types
    entries     INTEGER NOT NULL,
    source      TEXT    NOT NULL,      -- name of the file
    imported    INTEGER NOT NULL,
    by          TEXT    NOT NULL,
    content     BLOB    NOT NULL       -- gzip of a JSON array
) STRICT;

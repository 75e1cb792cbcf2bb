-- Names in logs of certificate transparency, as crt.sh lists them. A file that is imported
-- again is a new row.

CREATE TABLE transparency_file (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    name         TEXT    NOT NULL UNIQUE,
    entries      INTEGER NOT NULL,
    certificates INTEGER NOT NULL,
    names        INTEGER NOT NULL,
    skipped      INTEGER NOT NULL,      -- texts that are no names of hosts
    imported     INTEGER NOT NULL,
    by           TEXT    NOT NULL
) STRICT;

CREATE TABLE transparency_name (
    reversed     TEXT    NOT NULL,      -- labels backwards, com.example.www: names below one stand together
    file         INTEGER NOT NULL REFERENCES transparency_file (id) ON DELETE CASCADE,
    not_before   INTEGER NOT NULL,      -- the earliest
    not_after    INTEGER NOT NULL,      -- the latest
    certificates INTEGER NOT NULL,
    issuers      TEXT    NOT NULL,      -- JSON array
    PRIMARY KEY (reversed, file)
) STRICT, WITHOUT ROWID;
CREATE INDEX transparency_name_file ON transparency_name (file);

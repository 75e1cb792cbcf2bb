-- Marks on entities whose next records their owners want to hear of, and what they heard.

CREATE TABLE watch_mark (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    kind     TEXT    NOT NULL,
    entity   TEXT    NOT NULL,
    owner    TEXT    NOT NULL,
    reason   TEXT    NOT NULL,
    created  INTEGER NOT NULL,
    expires  INTEGER,               -- NULL: never
    ended    INTEGER,               -- NULL: it holds
    records  INTEGER NOT NULL,      -- in the ledger, as far as the owner was told
    contacts INTEGER NOT NULL
) STRICT;
CREATE INDEX watch_mark_entity ON watch_mark (kind, entity);

CREATE TABLE watch_notice (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    mark     INTEGER NOT NULL REFERENCES watch_mark (id) ON DELETE CASCADE,
    at       INTEGER NOT NULL,
    records  INTEGER NOT NULL,      -- new ones
    contacts INTEGER NOT NULL,      -- of them established or permitted connections
    last     INTEGER NOT NULL,      -- event time of the latest record
    devices  INTEGER NOT NULL,
    read     INTEGER                -- NULL: not yet
) STRICT;
CREATE INDEX watch_notice_mark ON watch_notice (mark);

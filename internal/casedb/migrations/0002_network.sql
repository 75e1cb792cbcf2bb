-- The network catalogue: the organisation's own address ranges.

CREATE TABLE network_range (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    cidr          TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    role          TEXT    NOT NULL,
    site          TEXT    NOT NULL,      -- empty: every site
    owner         TEXT    NOT NULL,
    valid_from    INTEGER,               -- NULL: since ever
    valid_to      INTEGER,               -- the first moment after it; NULL: open
    trusted_proxy INTEGER NOT NULL,
    changed       INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX network_range_identity ON network_range (site, cidr, name, ifnull(valid_from, ''));
CREATE INDEX network_range_changed ON network_range (changed);

-- What people write about entities. Every change of a note or an alias is a row.

CREATE TABLE note_version (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    note    INTEGER NOT NULL,      -- the id of the note's first version
    kind    TEXT    NOT NULL,
    entity  TEXT    NOT NULL,
    text    TEXT    NOT NULL,      -- empty: this change took the note away
    at      INTEGER NOT NULL,
    by      TEXT    NOT NULL
) STRICT;
CREATE INDEX note_version_entity ON note_version (kind, entity, note, id);
CREATE INDEX note_version_note ON note_version (note, id);

CREATE TABLE entity_alias (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    kind    TEXT    NOT NULL,
    entity  TEXT    NOT NULL,
    alias   TEXT    NOT NULL,      -- empty: this change took it away
    at      INTEGER NOT NULL,
    by      TEXT    NOT NULL
) STRICT;
CREATE INDEX entity_alias_entity ON entity_alias (kind, entity, id);

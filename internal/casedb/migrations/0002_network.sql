-- +goose Up
-- The network catalogue: the organisation's own address ranges. Times are ticks of
-- 100 ns since 0001-01-01 UTC, 0 for an open end; valid_to is the first moment after
-- the range. An empty site means every site.
CREATE TABLE network_ranges (
    id            INTEGER PRIMARY KEY,
    cidr          TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    role          TEXT    NOT NULL,
    site          TEXT    NOT NULL,
    owner         TEXT    NOT NULL,
    valid_from    BIGINT  NOT NULL,
    valid_to      BIGINT  NOT NULL,
    trusted_proxy BOOLEAN NOT NULL,
    UNIQUE (site, cidr, name, valid_from)
);

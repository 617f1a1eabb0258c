-- The rows of a pull that bear one key: row_seen holds the one that leads.
ALTER TABLE row_seen ADD COLUMN differ INTEGER NOT NULL DEFAULT 0; -- 1: they do not agree in every mapped field
ALTER TABLE row_seen ADD COLUMN digest TEXT    NOT NULL DEFAULT ''; -- of what all of them hold, '' where there is one
CREATE TABLE row_copy (
  sync_id INTEGER NOT NULL REFERENCES sync ON DELETE CASCADE,
  key     TEXT NOT NULL,
  line    INTEGER NOT NULL,
  PRIMARY KEY (sync_id, key, line)
) STRICT, WITHOUT ROWID;

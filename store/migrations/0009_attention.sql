-- What people put in the place of a cell, beside the source: it counts as long as the cell holds what they saw.
CREATE TABLE correction (
  sync_id   INTEGER NOT NULL REFERENCES sync ON DELETE CASCADE,
  row_key   TEXT NOT NULL,
  field     TEXT NOT NULL,
  value     TEXT NOT NULL,
  cell      TEXT NOT NULL,              -- what stood in the source when it was made
  by        TEXT NOT NULL DEFAULT '',
  at        INTEGER NOT NULL,
  lapsed_at INTEGER NOT NULL DEFAULT 0, -- the cell was changed since
  PRIMARY KEY (sync_id, row_key, field)
) STRICT, WITHOUT ROWID;
ALTER TABLE attention ADD COLUMN suggested TEXT NOT NULL DEFAULT '[]'; -- JSON: values that would do
ALTER TABLE attention ADD COLUMN given_up  INTEGER NOT NULL DEFAULT 0; -- when; it is not tried until its row changes
ALTER TABLE attention ADD COLUMN given_by  TEXT NOT NULL DEFAULT '';
ALTER TABLE attention ADD COLUMN given_on  BLOB;                       -- hash of the row's cells then

-- The sets that a person works with, by the place of their document.
CREATE TABLE known_set (
  path   TEXT PRIMARY KEY,
  name   TEXT NOT NULL,
  hidden INTEGER NOT NULL DEFAULT 0, -- removed from Home; history stays
  seen   INTEGER NOT NULL            -- when it was last added or worked with
) STRICT, WITHOUT ROWID;

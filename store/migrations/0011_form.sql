-- What many stored texts have in common, kept once: the names of values, and
-- the outlines of a plan's edits.
CREATE TABLE form (
  id   INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
) STRICT;

-- By which state of the field map and of HubSpot's settings the rows were
-- taken to values: a row with the same cells and the same number need not be
-- taken to them again. 0 = it must be.
ALTER TABLE row_seen ADD COLUMN made INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sync ADD COLUMN made    INTEGER NOT NULL DEFAULT 0; -- counts those states
ALTER TABLE sync ADD COLUMN made_by BLOB;                       -- the digest of the present one

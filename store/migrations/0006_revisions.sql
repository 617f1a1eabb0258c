-- What people changed of a plan since it was frozen: each change is a revision with its own hash.
ALTER TABLE plan ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE plan ADD COLUMN revised_hash TEXT NOT NULL DEFAULT ''; -- of the last revision; '' = as frozen
ALTER TABLE plan_item ADD COLUMN edited TEXT; -- its edits after a person changed one; fields stays what was frozen
CREATE TABLE plan_change (
  plan_id  TEXT NOT NULL REFERENCES plan ON DELETE CASCADE,
  revision INTEGER NOT NULL,
  doc      TEXT NOT NULL, -- JSON: what was changed, by whom, when
  hash     TEXT NOT NULL, -- of the hash before it and of doc
  PRIMARY KEY (plan_id, revision)
) STRICT, WITHOUT ROWID;
-- Which state of its plan a run applied.
ALTER TABLE run ADD COLUMN plan_revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN plan_hash TEXT NOT NULL DEFAULT '';
-- Hashes were made of something else until now, so that earlier plans can't be checked: they are made anew.
UPDATE plan SET state = 'stale' WHERE state IN ('making', 'ready', 'applying');

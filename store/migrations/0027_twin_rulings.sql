-- What a person said of two holds of itself, beside whatever else is said of either: what it means for
-- the matching is made anew with each plan (ruling.pending = 2), and no decision writes over another.
ALTER TABLE twin ADD COLUMN joined INTEGER NOT NULL DEFAULT 0; -- 1: different, though a match key joins them: the row gets a record of its own

CREATE INDEX twin_sync ON twin(sync_id);

UPDATE twin SET joined = 1 WHERE verdict = 'different' AND EXISTS (SELECT 1 FROM ruling k
  WHERE k.sync_id = twin.sync_id AND k.kind = 'apart' AND k.pending = 0 AND 'row ' || k.row_key IN (twin.a, twin.b));

DELETE FROM ruling WHERE pending = 0 AND (kind IN ('take', 'apart') OR kind = 'same' AND EXISTS (SELECT 1 FROM twin t
  WHERE t.sync_id = ruling.sync_id AND t.verdict = 'same' AND 'row ' || row_key IN (t.a, t.b) AND 'row ' || lead IN (t.a, t.b)));

-- A row and a record may be kept apart for several reasons, of which one may be taken back.
CREATE TABLE apart_of (
  sync_id   INTEGER NOT NULL,
  row_key   TEXT NOT NULL,
  record_id TEXT NOT NULL,
  at        INTEGER NOT NULL,
  twin      INTEGER NOT NULL DEFAULT 0, -- 0 by a run, 1 by what was said of the two, 2 of a row that is the same
  PRIMARY KEY (sync_id, row_key, record_id, twin)
) STRICT, WITHOUT ROWID;
INSERT INTO apart_of SELECT sync_id, row_key, record_id, at, at > 0 AND EXISTS (SELECT 1 FROM twin t
  WHERE t.sync_id = apart.sync_id AND t.verdict = 'different' AND t.a = 'record ' || record_id AND t.b = 'row ' || row_key) FROM apart;
DROP TABLE apart;
ALTER TABLE apart_of RENAME TO apart;

-- Which of the rows with one key leads says nothing about the record that it gets.
CREATE TABLE first_row (
  sync_id INTEGER NOT NULL REFERENCES sync ON DELETE CASCADE,
  row_key TEXT NOT NULL,
  digest  TEXT NOT NULL,  -- of all rows with the key, as they were when it was decided
  PRIMARY KEY (sync_id, row_key)
) STRICT, WITHOUT ROWID;
INSERT INTO first_row SELECT sync_id, row_key, lead FROM ruling WHERE kind = 'first' AND pending = 0;
DELETE FROM ruling WHERE kind = 'first';

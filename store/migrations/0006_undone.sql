-- What undos took back: it stays so until the source changes, or until a person lets it be done again.
CREATE TABLE undone (
  sync_id  INTEGER NOT NULL REFERENCES sync ON DELETE CASCADE,
  row_key  TEXT NOT NULL,
  property TEXT NOT NULL,               -- '' = the record that was made for the row
  side     TEXT NOT NULL,               -- hubspot, source: where it was taken back
  run_id   TEXT NOT NULL,               -- the run that was undone
  undo_id  TEXT NOT NULL,               -- the undo
  raw      TEXT NOT NULL DEFAULT '{}',  -- property '': the row's cells then
  again    INTEGER NOT NULL DEFAULT 0,  -- it may be done again
  PRIMARY KEY (sync_id, row_key, property, side)
) STRICT, WITHOUT ROWID;
CREATE INDEX undone_run ON undone(sync_id, run_id);
CREATE INDEX undone_undo ON undone(sync_id, undo_id);

-- HubSpot's time of the record right after our write; of a link, after our last one or where it was made. 0 = not known.
ALTER TABLE op ADD COLUMN post_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE link ADD COLUMN version INTEGER NOT NULL DEFAULT 0;

-- Undo walks what a run wrote by pairs, and looks for what was written to a record later.
CREATE INDEX audit_pairs ON audit(run_id, link_id, id);

-- Files that were uploaded to be attached, by their content.
CREATE TABLE upload (
  sync_id INTEGER NOT NULL REFERENCES sync ON DELETE CASCADE,
  place   TEXT NOT NULL,             -- the folder in HubSpot, and who can see it
  sum     TEXT NOT NULL,             -- SHA-256 of the content
  file_id TEXT NOT NULL DEFAULT '',  -- HubSpot's; '' while it is on its way
  ours    INTEGER NOT NULL,          -- we uploaded it; else it was there already
  at      INTEGER NOT NULL,
  PRIMARY KEY (sync_id, place, sum)
) STRICT, WITHOUT ROWID;

ALTER TABLE delivery ADD COLUMN file_id TEXT NOT NULL DEFAULT ''; -- of the file that was attached
CREATE INDEX delivery_file ON delivery(sync_id, file_id) WHERE file_id <> '';

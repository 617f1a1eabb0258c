-- Notes that attach files to records. A row that is sent once more has another one, and the first stays.
CREATE TABLE attachment (
  sync_id   INTEGER NOT NULL REFERENCES sync ON DELETE CASCADE,
  note_id   TEXT NOT NULL,                 -- HubSpot's
  row_key   TEXT NOT NULL,
  record_id TEXT NOT NULL,                 -- that it was associated with; '' = not known
  file_id   TEXT NOT NULL,                 -- HubSpot's
  sum       TEXT NOT NULL,                 -- SHA-256 of what was attached; '' = not known
  size      INTEGER NOT NULL DEFAULT 0,    -- of the file on this computer as it was read; 0 = not known
  changed   INTEGER NOT NULL DEFAULT 0,    -- when that was last changed then
  gone      INTEGER NOT NULL DEFAULT 0,    -- it was taken back
  PRIMARY KEY (sync_id, note_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX attachment_file ON attachment(file_id) WHERE gone = 0;
CREATE INDEX upload_file ON upload(file_id) WHERE file_id <> '';

INSERT INTO attachment(sync_id, note_id, row_key, record_id, file_id, sum, gone)
  SELECT d.sync_id, d.remote_id, d.row_key, '', d.file_id, coalesce((SELECT u.sum FROM upload u WHERE u.sync_id = d.sync_id AND u.file_id = d.file_id LIMIT 1), ''), d.state = 'undone'
  FROM delivery d WHERE d.file_id <> '' AND d.remote_id <> '';

DROP INDEX delivery_file;
ALTER TABLE delivery DROP COLUMN file_id;

-- Rows that were delivered to what is no record: an event on a timeline, a form.
CREATE TABLE delivery (
  sync_id   INTEGER NOT NULL REFERENCES sync ON DELETE CASCADE,
  row_key   TEXT NOT NULL,
  state     TEXT NOT NULL,               -- sent, again
  hash      BLOB NOT NULL,               -- of the canonical values that were sent
  remote_id TEXT NOT NULL DEFAULT '',    -- HubSpot's id of what they became
  times     INTEGER NOT NULL DEFAULT 1,  -- how often it was sent on purpose
  run_id    TEXT NOT NULL DEFAULT '',
  at        INTEGER NOT NULL,
  PRIMARY KEY (sync_id, row_key)
) STRICT, WITHOUT ROWID;

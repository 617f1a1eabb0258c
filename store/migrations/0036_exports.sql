-- The export by which a pull reads all records, kept before it is waited for.
CREATE TABLE pull_export (
  sync_id   INTEGER PRIMARY KEY REFERENCES sync ON DELETE CASCADE,
  export_id TEXT NOT NULL,
  asked     TEXT NOT NULL,    -- hash of what it was asked for
  since     INTEGER NOT NULL  -- HubSpot's time right before it was started
) STRICT;

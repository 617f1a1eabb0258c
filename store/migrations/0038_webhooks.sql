-- Where this computer receives the events of a portal, and what came. The secret is in the keychain.
CREATE TABLE webhook (
  connection_id TEXT PRIMARY KEY REFERENCES connection ON DELETE CASCADE,
  active     INTEGER NOT NULL,           -- it is received
  listen     TEXT NOT NULL,              -- the loopback address
  path       TEXT NOT NULL,              -- on it
  url        TEXT NOT NULL,              -- the target as HubSpot has it
  taken      INTEGER NOT NULL DEFAULT 0, -- events
  repeated   INTEGER NOT NULL DEFAULT 0, -- that had come before
  aside      INTEGER NOT NULL DEFAULT 0, -- of other portals, or not about records
  refused    INTEGER NOT NULL DEFAULT 0, -- requests
  last_at    INTEGER NOT NULL DEFAULT 0, -- when the last event came
  last_type  TEXT NOT NULL DEFAULT '',
  refused_at INTEGER NOT NULL DEFAULT 0,
  refused_why TEXT NOT NULL DEFAULT ''
) STRICT;

-- Events that came, to know them again: HubSpot sends one up to ten times in 24 hours.
CREATE TABLE webhook_event (
  sum TEXT PRIMARY KEY,                  -- of what it says
  at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_event_at ON webhook_event(at);

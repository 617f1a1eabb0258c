-- The connections whose webhooks journal is followed, and how far it was read of each portal.
CREATE TABLE journal_follow (
  connection_id TEXT PRIMARY KEY REFERENCES connection ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
  portal_id INTEGER PRIMARY KEY,
  place     TEXT NOT NULL,    -- offset of the part that was read last; '' = there was none
  read_at   INTEGER NOT NULL, -- HubSpot's time when its end was reached last
  types     TEXT NOT NULL     -- JSON: object type id -> what is subscribed to, and since when
) STRICT;

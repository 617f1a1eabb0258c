-- What people said of two rows or records that look like one: the same, or different, which is
-- never asked again. An end is "row KEY" or "record ID"; the lesser stands first. Of two records
-- no sync is needed: sync_id is 0.
CREATE TABLE twin (
  portal_id  INTEGER NOT NULL,
  object     TEXT NOT NULL,           -- object type id
  sync_id    INTEGER NOT NULL,
  a          TEXT NOT NULL,
  b          TEXT NOT NULL,
  verdict    TEXT NOT NULL,           -- same, different
  decided_by TEXT NOT NULL,
  decided_at INTEGER NOT NULL,
  PRIMARY KEY (portal_id, object, sync_id, a, b)
) STRICT, WITHOUT ROWID;

-- Records that were merged at a person's word: what both held before, since HubSpot takes no merge
-- back. A row without an end is one whose answer never came.
CREATE TABLE record_merge (
  id          INTEGER PRIMARY KEY,
  portal_id   INTEGER NOT NULL,
  object      TEXT NOT NULL,          -- object type id
  kept        TEXT NOT NULL,          -- ids
  gone        TEXT NOT NULL,
  survivor    TEXT NOT NULL DEFAULT '',
  state       TEXT NOT NULL,          -- sent, done, failed
  error       TEXT NOT NULL DEFAULT '',
  person      TEXT NOT NULL,
  kept_before TEXT NOT NULL,          -- JSON: property -> value
  gone_before TEXT NOT NULL,
  began_at    INTEGER NOT NULL,
  ended_at    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX record_merge_open ON record_merge(portal_id, object) WHERE state = 'sent';

-- Records of which HubSpot told that they changed, by its journal or a webhook: what they hold is read from them.
CREATE TABLE notice (
  n         INTEGER PRIMARY KEY AUTOINCREMENT, -- in the order of their coming: who is told of again comes last
  portal_id INTEGER NOT NULL,
  object    TEXT NOT NULL,    -- object type id
  record_id TEXT NOT NULL,
  edges     INTEGER NOT NULL, -- it is an association of the record that changed
  at        INTEGER NOT NULL, -- when it came
  UNIQUE (portal_id, object, record_id, edges)
) STRICT;
CREATE INDEX notice_at ON notice(at);

ALTER TABLE sync ADD COLUMN noticed INTEGER NOT NULL DEFAULT 0; -- the last notice that a run was applied of

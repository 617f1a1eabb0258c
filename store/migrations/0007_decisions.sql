-- Not seen is not gone: the pull of a complete read that first lacked the row, 0 while it is there or unseen.
ALTER TABLE row_seen ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;

ALTER TABLE conflict ADD COLUMN again INTEGER NOT NULL DEFAULT 0; -- 1: it was decided, and what the decision rested on moved
ALTER TABLE conflict ADD COLUMN seen  TEXT NOT NULL DEFAULT '';   -- what else a decision rests on than base, src and rem

-- What decisions about whole rows leave behind. The pending ones are of
-- decisions that the next applied plan carries out; they are made anew with each plan.
CREATE TABLE ruling (
  sync_id  INTEGER NOT NULL REFERENCES sync ON DELETE CASCADE,
  row_key  TEXT NOT NULL,
  kind     TEXT NOT NULL,               -- out, same; pending also: lead, one, apart, take, claim
  lead     TEXT NOT NULL DEFAULT '',    -- same: the row that leads; take: the record
  ord      INTEGER NOT NULL DEFAULT 0,  -- the match key and its value that it was made on, value '' = any
  value    TEXT NOT NULL DEFAULT '',
  pending  INTEGER NOT NULL DEFAULT 0,
  conflict INTEGER NOT NULL DEFAULT 0,  -- pending: the decided conflict
  PRIMARY KEY (sync_id, row_key)
) STRICT, WITHOUT ROWID;

-- Marks that runs have set on records and rows whose other end is gone, and what stood there before.
CREATE TABLE flag (
  link_id  INTEGER PRIMARY KEY REFERENCES link ON DELETE CASCADE,
  sync_id  INTEGER NOT NULL,
  side     TEXT NOT NULL,   -- hubspot, source
  name     TEXT NOT NULL,   -- property or column
  before   TEXT,            -- NULL = there was nothing
  value    TEXT NOT NULL,
  run_id   TEXT NOT NULL
) STRICT;

CREATE INDEX flag_sync ON flag(sync_id);
CREATE INDEX row_gone ON row_seen(sync_id, key) WHERE gone > 0;
CREATE INDEX record_gone ON record_seen(sync_id, id) WHERE gone <> '';

CREATE INDEX plan_item_row ON plan_item(plan_id, row_key, line);
CREATE INDEX conflict_row ON conflict(sync_id, state, row_key);

-- What a run archived is gone until it is seen again.
UPDATE record_seen SET gone = 'archived', gone_pull = pull
WHERE gone = '' AND EXISTS (SELECT 1 FROM link l WHERE l.sync_id = record_seen.sync_id AND l.record_id = record_seen.id AND l.state = 'tomb');

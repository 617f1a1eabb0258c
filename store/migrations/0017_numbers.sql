-- Plans have numbers too: the items of a plan name it a million times. Two indexes of items
-- go that nothing needs: what is still to do is found on the way through a plan, and the
-- failed rows of one are looked up at once.
ALTER TABLE plan ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
UPDATE plan SET number = rowid;
CREATE UNIQUE INDEX plan_number ON plan(number);

CREATE TABLE item (
  plan_number INTEGER NOT NULL REFERENCES plan(number) ON DELETE CASCADE,
  n         INTEGER NOT NULL,
  kind      TEXT NOT NULL,   -- create, update, link, archive, conflict, skip, invalid, source-create, undo
  fate      TEXT NOT NULL,
  reason    TEXT NOT NULL,
  link_id   INTEGER NOT NULL DEFAULT 0,
  row_key   TEXT NOT NULL DEFAULT '',
  record_id TEXT NOT NULL DEFAULT '',
  line      INTEGER NOT NULL DEFAULT 0,
  name      TEXT NOT NULL DEFAULT '',  -- for people
  fields    TEXT NOT NULL DEFAULT '[]',
  read_at   INTEGER NOT NULL DEFAULT 0,
  excluded  INTEGER NOT NULL DEFAULT 0,
  done      TEXT NOT NULL DEFAULT '',  -- fate that it came to, '' = not yet
  outcome   TEXT NOT NULL DEFAULT '',  -- reason of that
  resolved  TEXT,                      -- its edits as they were resolved again while the plan was applied; fields stays what was frozen
  edited    TEXT,                      -- its edits after a person changed one
  PRIMARY KEY (plan_number, n)
) STRICT, WITHOUT ROWID;
INSERT INTO item SELECT p.number, i.n, i.kind, i.fate, i.reason, i.link_id, i.row_key, i.record_id, i.line, i.name, i.fields, i.read_at,
  i.excluded, i.done, i.outcome, i.resolved, i.edited FROM plan p JOIN plan_item i ON i.plan_id = p.id ORDER BY p.number, i.n;
DROP TABLE plan_item;
ALTER TABLE item RENAME TO plan_item;
CREATE INDEX plan_item_fate ON plan_item(plan_number, fate, n);

-- The state of the field map (see made) by which all values of a row were found to be what
-- HubSpot takes, as it takes them; 0 = not known.
ALTER TABLE row_seen ADD COLUMN sound INTEGER NOT NULL DEFAULT 0;

-- What a write rested on and left behind, so that it can be told from everybody else's.
ALTER TABLE op ADD COLUMN pre_version INTEGER NOT NULL DEFAULT 0; -- the record's updatedAt as read right before the write, by HubSpot's clock; 0 = not known
ALTER TABLE op ADD COLUMN doubt       INTEGER NOT NULL DEFAULT 0; -- 1: it was sent, and what became of it was not known for a time
ALTER TABLE op ADD COLUMN verify      INTEGER NOT NULL DEFAULT 0; -- 1: to be read back with its history
CREATE INDEX op_verify ON op(sync_id, id) WHERE verify = 1;
CREATE INDEX op_run ON op(run_id, id);
-- An item's edits as they were resolved again while the plan was applied; fields stays what was frozen.
ALTER TABLE plan_item ADD COLUMN resolved TEXT;
-- The association that it is about, '' where it is about a field or a record.
ALTER TABLE conflict  ADD COLUMN edge TEXT NOT NULL DEFAULT '';
ALTER TABLE attention ADD COLUMN edge TEXT NOT NULL DEFAULT '';
ALTER TABLE audit     ADD COLUMN edge TEXT NOT NULL DEFAULT '';
DROP INDEX conflict_live;
CREATE UNIQUE INDEX conflict_live ON conflict(sync_id, row_key, property, edge) WHERE state <> 'closed';
DROP INDEX attention_row;
CREATE UNIQUE INDEX attention_row ON attention(sync_id, row_key, line, edge);

-- Our key of a record is made of its row's key, so that a link is found by its row. It is looked
-- up by our key only where its row had another key before, which another row may have by now:
-- 1 = it may have had. Of older links that is not known.
ALTER TABLE link ADD COLUMN moved INTEGER NOT NULL DEFAULT 1;
DROP INDEX link_key;
CREATE INDEX link_moved ON link(sync_id, sync_key) WHERE moved = 1 AND sync_key IS NOT NULL;

-- HubSpot's time of the answer that showed a record as it was left when it was
-- read back after a write; 0 where it was not, or was seen otherwise since.
ALTER TABLE record_seen ADD COLUMN stood INTEGER NOT NULL DEFAULT 0;

-- Rows that were to be made and were not kept a link, so that they never were.
DELETE FROM link WHERE state = 'pending' AND record_id IS NOT NULL
	AND NOT EXISTS (SELECT 1 FROM row_seen r WHERE r.sync_id = link.sync_id AND r.key = link.row_key)
	AND NOT EXISTS (SELECT 1 FROM op WHERE op.sync_id = link.sync_id AND op.state = 'sent');

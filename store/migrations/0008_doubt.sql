-- Writes of which a request may still be under way.
CREATE INDEX op_doubt ON op(sync_id) WHERE doubt = 1;
-- What changed when, for the windows in which a pull looks for changes.
CREATE INDEX record_seen_updated ON record_seen(sync_id, updated);

-- Writes of which a request may still be under way.
CREATE INDEX op_doubt ON op(sync_id) WHERE doubt = 1;

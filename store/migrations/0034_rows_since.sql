-- How far a source was read that tells by a time of change which of its rows need not be read.
ALTER TABLE sync ADD COLUMN rows_at INTEGER NOT NULL DEFAULT 0;    -- the newest time of change among its rows
ALTER TABLE sync ADD COLUMN rows_made INTEGER NOT NULL DEFAULT 0;  -- the sync's made then
ALTER TABLE sync ADD COLUMN rows_whole INTEGER NOT NULL DEFAULT 0; -- when a reading of all rows last began

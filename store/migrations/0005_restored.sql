-- The workspace is an older copy than the sync's last run, and no run has been applied since that was seen.
ALTER TABLE sync ADD COLUMN restored INTEGER NOT NULL DEFAULT 0;

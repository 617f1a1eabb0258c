-- What a row held as a whole when it last agreed with its record, where rows go
-- with their records.
ALTER TABLE base ADD COLUMN whole BLOB; -- NULL: not known
ALTER TABLE sync ADD COLUMN whole_of  TEXT    NOT NULL DEFAULT ''; -- what it is made of, '' where it is not kept
ALTER TABLE sync ADD COLUMN whole_all INTEGER NOT NULL DEFAULT 0;  -- 1: it is known of every pair that agreed

-- A value by which a row or record is matched, and that it has of a unique property too, is kept
-- once: this is the ord of that property, 0 where it has the value of none.
ALTER TABLE identity ADD COLUMN also INTEGER NOT NULL DEFAULT 0;

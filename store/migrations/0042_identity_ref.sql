-- With a column of the table that is not in it, SQLite takes the index by ref for dearer than a
-- walk through all values of a side.
DROP INDEX identity_ref;
CREATE INDEX identity_ref ON identity(sync_id, side, ref, ord, value, also);

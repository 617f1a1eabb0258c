-- What one operation wrote is one row: its first value in the columns, the others here,
-- as a list of why, before and after, led by the number of the form that names them. '' where
-- there is one; rows of earlier versions hold one each.
ALTER TABLE audit ADD COLUMN entries TEXT NOT NULL DEFAULT '';
-- The pairs of a run are its rows too.
DROP INDEX audit_run;

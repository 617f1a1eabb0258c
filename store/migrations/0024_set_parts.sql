-- What an undo of a run of a set was of, in words; '' = all of it.
ALTER TABLE set_run ADD COLUMN part TEXT NOT NULL DEFAULT '';

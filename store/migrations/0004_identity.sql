-- A sync is known by the id in its document, not by where that lies.
ALTER TABLE sync ADD COLUMN uid         TEXT    NOT NULL DEFAULT ''; -- the document's id; '' until it is seen again
ALTER TABLE sync ADD COLUMN uid_written INTEGER NOT NULL DEFAULT 0;  -- the document holds it
ALTER TABLE sync ADD COLUMN profile     TEXT    NOT NULL DEFAULT ''; -- what our keys of created records begin with; '' = made of ident
ALTER TABLE sync ADD COLUMN generation  INTEGER NOT NULL DEFAULT 0;  -- counts the runs; also kept outside of the workspace
CREATE INDEX sync_uid ON sync(uid);
CREATE INDEX sync_path ON sync(path);

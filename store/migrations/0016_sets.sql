-- Several syncs that are one job: what was previewed together, and what ran
-- together.
CREATE TABLE set_plan (
  id      TEXT PRIMARY KEY,
  name    TEXT NOT NULL,
  path    TEXT NOT NULL,
  made_at INTEGER NOT NULL
) STRICT;

CREATE TABLE set_plan_member (
  set_plan TEXT NOT NULL REFERENCES set_plan ON DELETE CASCADE,
  ord      INTEGER NOT NULL,
  document TEXT NOT NULL,           -- as the set names it
  plan_id  TEXT NOT NULL,           -- of plan; it may have been dropped since
  PRIMARY KEY (set_plan, ord)
) STRICT, WITHOUT ROWID;

CREATE TABLE set_run (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  path       TEXT NOT NULL,
  kind       TEXT NOT NULL,             -- run, undo
  undo_of    TEXT NOT NULL DEFAULT '',  -- the set run that it takes back
  set_plan   TEXT NOT NULL DEFAULT '',  -- the plan that it applies, '' where each sync plans in its turn
  state      TEXT NOT NULL,
  error      TEXT NOT NULL DEFAULT '',
  person     TEXT NOT NULL DEFAULT '',
  started_at INTEGER NOT NULL,
  ended_at   INTEGER NOT NULL DEFAULT 0
) STRICT;

ALTER TABLE run ADD COLUMN set_id TEXT NOT NULL DEFAULT ''; -- of set_run, '' where it ran by itself
CREATE INDEX run_set ON run(set_id) WHERE set_id <> '';

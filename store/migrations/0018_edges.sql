-- Associations that both sides agreed on, by the row that asks for them.
DROP TABLE edge_base;
CREATE TABLE edge (
  sync_id     INTEGER NOT NULL REFERENCES sync ON DELETE CASCADE,
  row_key     TEXT NOT NULL,
  line        TEXT NOT NULL,               -- the part of the definition that it comes from
  from_record TEXT NOT NULL,
  to_object   TEXT NOT NULL,               -- object type id
  to_record   TEXT NOT NULL,
  category    TEXT NOT NULL,
  type_id     INTEGER NOT NULL,
  label       TEXT NOT NULL DEFAULT '',
  state       TEXT NOT NULL,               -- made, found, declined, undone
  pair        INTEGER NOT NULL DEFAULT 0,  -- 1: nothing joined the two records before
  run_id      TEXT NOT NULL DEFAULT '',    -- made: the run; undone: the run that was undone
  PRIMARY KEY (sync_id, row_key, line, from_record, to_record, category, type_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX edge_pair ON edge(sync_id, from_record, to_record);
CREATE INDEX edge_undone ON edge(sync_id, run_id) WHERE state = 'undone';

ALTER TABLE op ADD COLUMN edge TEXT NOT NULL DEFAULT ''; -- JSON: the association, '' where it is about a record or row
CREATE INDEX audit_edges ON audit(run_id, id) WHERE edge <> '';

-- A sync that finds the other ends of another one's associations is a part of it.
ALTER TABLE sync ADD COLUMN parent     INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sync ADD COLUMN part       TEXT    NOT NULL DEFAULT '';
ALTER TABLE sync ADD COLUMN edges_at   INTEGER NOT NULL DEFAULT 0; -- when all associations were last compared
ALTER TABLE sync ADD COLUMN edges_run  INTEGER NOT NULL DEFAULT 0; -- the value of runs then
CREATE INDEX sync_parent ON sync(parent) WHERE parent <> 0;
ALTER TABLE run ADD COLUMN part_of TEXT NOT NULL DEFAULT ''; -- the run that it is a part of
CREATE INDEX run_started ON run(started_at);
CREATE INDEX run_part ON run(part_of) WHERE part_of <> '';

-- The rows of plans by their keys, while associations are planned that rest on them.
CREATE TABLE planned_row (
  plan_number INTEGER NOT NULL,
  row_key     TEXT NOT NULL,
  kind        TEXT NOT NULL,
  record_id   TEXT NOT NULL,
  reason      TEXT NOT NULL,
  excluded    INTEGER NOT NULL,
  PRIMARY KEY (plan_number, row_key)
) STRICT, WITHOUT ROWID;

-- Rows that count as one with another one, which leads.
CREATE TABLE same_row (
  sync_id INTEGER NOT NULL REFERENCES sync ON DELETE CASCADE,
  row_key TEXT NOT NULL,
  lead    TEXT NOT NULL,
  PRIMARY KEY (sync_id, row_key)
) STRICT, WITHOUT ROWID;

-- What a run wrote, field by field, and its operations: 0 is kept, 1 is going, 2 is gone.
ALTER TABLE run ADD COLUMN let_go INTEGER NOT NULL DEFAULT 0;
CREATE INDEX run_kept ON run(started_at) WHERE let_go = 0;
CREATE INDEX run_going ON run(let_go) WHERE let_go = 1;

-- Decisions that somebody proposes who may not decide: an assistant. A proposal
-- holds for the conflict as it was then, and a person takes it over or not.
CREATE TABLE proposal (
  conflict_id INTEGER PRIMARY KEY REFERENCES conflict ON DELETE CASCADE,
  choice      TEXT NOT NULL,        -- source, hubspot, base, value
  value       TEXT NOT NULL DEFAULT '',
  why         TEXT NOT NULL,
  proposer    TEXT NOT NULL,
  proposed_at INTEGER NOT NULL,
  base        TEXT,                 -- what the conflict was about then
  src         TEXT NOT NULL,
  rem         TEXT NOT NULL,
  seen        TEXT NOT NULL DEFAULT '',
  cause       TEXT NOT NULL
) STRICT;

-- What goes by the rules of how long things are kept goes in slices: 1 = the plan is to go, 2 = its
-- rows are to go and it stays, 3 = its rows are gone.
ALTER TABLE plan ADD COLUMN going INTEGER NOT NULL DEFAULT 0;
CREATE INDEX plan_going ON plan(going, made_at);

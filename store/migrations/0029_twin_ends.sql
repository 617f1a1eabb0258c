-- What was said of a row or a record, and which rows count as one with it, is found by it.
DROP INDEX twin_sync;
CREATE INDEX twin_a ON twin(sync_id, a);
CREATE INDEX twin_b ON twin(sync_id, b);
CREATE INDEX ruling_lead ON ruling(sync_id, lead);

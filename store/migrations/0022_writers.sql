-- Who wrote a value of a record is asked for by the record.
CREATE INDEX audit_of_record ON audit(record_id) WHERE side = 'hubspot';

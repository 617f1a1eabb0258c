-- A record for which no row could be made has no row key and no line: it is told
-- from the others by its id.
DROP INDEX attention_row;
CREATE UNIQUE INDEX attention_row ON attention(sync_id, row_key, line, edge, (CASE WHEN row_key = '' AND line = 0 THEN record_id ELSE '' END));

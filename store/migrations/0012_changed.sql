-- When the values of a row were changed, as JSON; '' where nobody asks.
ALTER TABLE row_seen ADD COLUMN changed TEXT NOT NULL DEFAULT '';

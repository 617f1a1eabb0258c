-- How a connection was made by sign-in, and the names it had before.
ALTER TABLE connection ADD COLUMN client_id    TEXT NOT NULL DEFAULT '';   -- the app's; '' for a pasted token
ALTER TABLE connection ADD COLUMN asked_scopes TEXT NOT NULL DEFAULT '[]'; -- those that consent was required for
ALTER TABLE connection ADD COLUMN user_id      INTEGER NOT NULL DEFAULT 0; -- who consented
ALTER TABLE connection ADD COLUMN user_email   TEXT NOT NULL DEFAULT '';
ALTER TABLE connection ADD COLUMN hub_domain   TEXT NOT NULL DEFAULT '';
ALTER TABLE connection ADD COLUMN former_names TEXT NOT NULL DEFAULT '[]'; -- definitions may still use them

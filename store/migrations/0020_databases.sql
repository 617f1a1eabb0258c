-- Connections to databases. Their passwords are in the keychain, by the address.
CREATE TABLE database (
  id      TEXT PRIMARY KEY,
  name    TEXT NOT NULL UNIQUE COLLATE NOCASE,
  kind    TEXT NOT NULL,             -- sqlite, postgres, mysql
  address TEXT NOT NULL,             -- without the password; of sqlite the file
  tunnel  TEXT NOT NULL DEFAULT '',  -- the SSH server on the way, as JSON
  health  TEXT NOT NULL DEFAULT '',  -- '' is well, else a sentence
  created INTEGER NOT NULL,
  checked INTEGER NOT NULL DEFAULT 0
) STRICT;

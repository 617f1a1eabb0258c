-- Definitions as plans were made of them, by their SHA-256.
CREATE TABLE document (
  hash TEXT PRIMARY KEY,
  text TEXT NOT NULL
) STRICT, WITHOUT ROWID;

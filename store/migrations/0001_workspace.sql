-- Times are milliseconds since 1970 UTC. Values are canonical JSON texts.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE connection (
  id           TEXT PRIMARY KEY,
  name         TEXT NOT NULL UNIQUE COLLATE NOCASE,
  kind         TEXT NOT NULL,              -- practice, token, oauth
  portal_id    INTEGER NOT NULL,
  portal_name  TEXT NOT NULL DEFAULT '',
  account_type TEXT NOT NULL DEFAULT '',   -- STANDARD, SANDBOX, …
  api_url      TEXT NOT NULL DEFAULT '',
  ui_domain    TEXT NOT NULL DEFAULT '',
  app_id       INTEGER NOT NULL DEFAULT 0,
  scopes       TEXT NOT NULL DEFAULT '[]',
  health       TEXT NOT NULL DEFAULT '',   -- '' is well, else a sentence
  created_at   INTEGER NOT NULL,
  checked_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE sync (
  id              INTEGER PRIMARY KEY,
  ident           TEXT NOT NULL UNIQUE,    -- definition path, portal and object
  name            TEXT NOT NULL,
  path            TEXT NOT NULL,
  definition      TEXT NOT NULL,
  portal_id       INTEGER NOT NULL,
  object          TEXT NOT NULL,           -- object type id
  sync_key        TEXT NOT NULL DEFAULT '',-- the unique property that holds our key; '' = none
  mapping         TEXT NOT NULL DEFAULT '{}', -- property -> hash of how it is mapped, at the last plan applied
  source_identity TEXT NOT NULL DEFAULT '',
  source_rows     INTEGER NOT NULL DEFAULT 0, -- rows of the last run applied
  pull            INTEGER NOT NULL DEFAULT 0, -- number of the last pull
  runs            INTEGER NOT NULL DEFAULT 0, -- runs applied
  watermark       INTEGER NOT NULL DEFAULT 0, -- HubSpot's time up to which changes were read
  full_at         INTEGER NOT NULL DEFAULT 0, -- when all records were last read
  full_run        INTEGER NOT NULL DEFAULT 0, -- the value of runs then
  created_at      INTEGER NOT NULL,
  hidden          INTEGER NOT NULL DEFAULT 0  -- removed from Home; history stays
) STRICT;

-- The newest observation of each row and record.
CREATE TABLE row_seen (
  sync_id  INTEGER NOT NULL REFERENCES sync ON DELETE CASCADE,
  key      TEXT NOT NULL,
  hash     BLOB,            -- of the canonical mapped values
  raw_hash BLOB NOT NULL,   -- of the raw cells
  pull     INTEGER NOT NULL,
  line     INTEGER NOT NULL,
  copies   INTEGER NOT NULL DEFAULT 1,
  vals     TEXT NOT NULL,   -- property -> value in the property's form
  raw      TEXT NOT NULL,   -- field -> cell
  modified INTEGER NOT NULL DEFAULT 0,
  problem  TEXT NOT NULL DEFAULT '' -- JSON: property -> sentence, "" -> whole row
) STRICT;
CREATE UNIQUE INDEX row_seen_key ON row_seen(sync_id, key);

CREATE TABLE record_seen (
  sync_id  INTEGER NOT NULL REFERENCES sync ON DELETE CASCADE,
  id       TEXT NOT NULL,
  hash     BLOB NOT NULL,
  pull     INTEGER NOT NULL,
  updated  INTEGER NOT NULL,
  read_at  INTEGER NOT NULL,
  in_scope INTEGER NOT NULL DEFAULT 1,
  gone     TEXT NOT NULL DEFAULT '',  -- '', archived, erased, merged
  gone_pull INTEGER NOT NULL DEFAULT 0,
  merged_into TEXT NOT NULL DEFAULT '',
  vals     TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX record_seen_id ON record_seen(sync_id, id);

-- Rows that could not be read at all in this pull.
CREATE TABLE row_problem (
  sync_id INTEGER NOT NULL REFERENCES sync ON DELETE CASCADE,
  pull    INTEGER NOT NULL,
  line    INTEGER NOT NULL,
  key     TEXT NOT NULL DEFAULT '',
  message TEXT NOT NULL
) STRICT;
CREATE INDEX row_problem_pull ON row_problem(sync_id, pull);

-- Canonical match values: side 0 = row, 1 = record.
CREATE TABLE identity (
  sync_id INTEGER NOT NULL,
  side    INTEGER NOT NULL,
  ord     INTEGER NOT NULL,  -- -1 = sync key, then the match keys
  value   TEXT NOT NULL,
  ref     TEXT NOT NULL,
  PRIMARY KEY (sync_id, side, ord, value, ref)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_ref ON identity(sync_id, side, ref);

-- What the last plan's matching found, per unlinked row.
CREATE TABLE matched (
  sync_id   INTEGER NOT NULL,
  row_key   TEXT NOT NULL,
  record_id TEXT NOT NULL DEFAULT '',  -- '' with a reason = ambiguous
  ord       INTEGER NOT NULL,
  reason    TEXT NOT NULL DEFAULT '',
  others    TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (sync_id, row_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX matched_record ON matched(sync_id, record_id);

CREATE TABLE apart (
  sync_id   INTEGER NOT NULL,
  row_key   TEXT NOT NULL,
  record_id TEXT NOT NULL,
  at        INTEGER NOT NULL,
  PRIMARY KEY (sync_id, row_key, record_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE link (
  id          INTEGER PRIMARY KEY,
  sync_id     INTEGER NOT NULL REFERENCES sync ON DELETE CASCADE,
  row_key     TEXT NOT NULL,
  record_id   TEXT,
  sync_key    TEXT,
  state       TEXT NOT NULL, -- active, pending, frozen, tomb
  why         TEXT NOT NULL DEFAULT '',
  created_run TEXT NOT NULL DEFAULT '',
  merged_into TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX link_row ON link(sync_id, row_key);
CREATE UNIQUE INDEX link_record ON link(sync_id, record_id) WHERE record_id IS NOT NULL;
CREATE UNIQUE INDEX link_key ON link(sync_id, sync_key) WHERE sync_key IS NOT NULL;

-- What each side held when they last agreed.
CREATE TABLE base (
  link_id     INTEGER PRIMARY KEY REFERENCES link ON DELETE CASCADE,
  src_hash    BLOB NOT NULL,
  rem_hash    BLOB NOT NULL,
  src         TEXT NOT NULL,
  rem         TEXT NOT NULL,
  rem_updated INTEGER NOT NULL DEFAULT 0,
  agreed_run  TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE edge_base (
  sync_id   INTEGER NOT NULL,
  from_link INTEGER NOT NULL REFERENCES link ON DELETE CASCADE,
  to_object TEXT NOT NULL,
  to_record TEXT NOT NULL,
  category  TEXT NOT NULL,
  type_id   INTEGER NOT NULL,
  label     TEXT NOT NULL DEFAULT '',
  side_seen TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (from_link, to_object, to_record, category, type_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE plan (
  id       TEXT PRIMARY KEY,
  sync_id  INTEGER NOT NULL REFERENCES sync ON DELETE CASCADE,
  kind     TEXT NOT NULL,               -- sync, undo
  undo_of  TEXT NOT NULL DEFAULT '',
  state    TEXT NOT NULL,               -- making, ready, applying, applied, stale
  made_at  INTEGER NOT NULL,
  pull     INTEGER NOT NULL,
  hash     TEXT NOT NULL DEFAULT '',
  summary  TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX plan_sync ON plan(sync_id, made_at);

CREATE TABLE plan_item (
  plan_id   TEXT NOT NULL REFERENCES plan ON DELETE CASCADE,
  n         INTEGER NOT NULL,
  kind      TEXT NOT NULL,   -- create, update, link, archive, conflict, skip, invalid, source-create, undo
  fate      TEXT NOT NULL,
  reason    TEXT NOT NULL,
  link_id   INTEGER NOT NULL DEFAULT 0,
  row_key   TEXT NOT NULL DEFAULT '',
  record_id TEXT NOT NULL DEFAULT '',
  line      INTEGER NOT NULL DEFAULT 0,
  name      TEXT NOT NULL DEFAULT '',  -- for people
  fields    TEXT NOT NULL DEFAULT '[]',
  read_at   INTEGER NOT NULL DEFAULT 0,
  excluded  INTEGER NOT NULL DEFAULT 0,
  done      TEXT NOT NULL DEFAULT '',  -- fate that it came to, '' = not yet
  outcome   TEXT NOT NULL DEFAULT '',  -- reason of that
  PRIMARY KEY (plan_id, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX plan_item_fate ON plan_item(plan_id, fate, n);
CREATE INDEX plan_item_todo ON plan_item(plan_id, kind, n) WHERE done = '' AND excluded = 0;

CREATE TABLE run (
  id         TEXT PRIMARY KEY,
  sync_id    INTEGER NOT NULL REFERENCES sync ON DELETE CASCADE,
  plan_id    TEXT NOT NULL DEFAULT '',
  kind       TEXT NOT NULL,             -- run, undo
  undo_of    TEXT NOT NULL DEFAULT '',
  state      TEXT NOT NULL,             -- running, done, stopped, failed, interrupted
  phase      TEXT NOT NULL,
  error      TEXT NOT NULL DEFAULT '',
  person     TEXT NOT NULL DEFAULT '',
  started_at INTEGER NOT NULL,
  ended_at   INTEGER NOT NULL DEFAULT 0,
  counts     TEXT NOT NULL DEFAULT '{}',
  calls      TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX run_sync ON run(sync_id, started_at);

-- Operations whose outcome is not yet known ('sent'); the others are history.
CREATE TABLE op (
  id        INTEGER PRIMARY KEY,
  run_id    TEXT NOT NULL REFERENCES run ON DELETE CASCADE,
  sync_id   INTEGER NOT NULL,
  plan_id   TEXT NOT NULL,
  n         INTEGER NOT NULL,
  link_id   INTEGER NOT NULL,
  side      TEXT NOT NULL,      -- hubspot, source
  kind      TEXT NOT NULL,      -- create, update, archive
  record_id TEXT NOT NULL DEFAULT '',
  row_key   TEXT NOT NULL DEFAULT '',
  sync_key  TEXT NOT NULL DEFAULT '',
  fields    TEXT NOT NULL,      -- what we send
  pre       TEXT NOT NULL,      -- what we believed was there
  version_before TEXT NOT NULL DEFAULT '',
  version_after  TEXT NOT NULL DEFAULT '',
  state     TEXT NOT NULL,      -- sent, done, failed, dropped
  batch     TEXT NOT NULL,
  trace_id  TEXT NOT NULL UNIQUE,
  sent_at   INTEGER NOT NULL,
  acked_at  INTEGER NOT NULL DEFAULT 0,
  err       TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX op_sent ON op(sync_id) WHERE state = 'sent';
CREATE INDEX op_item ON op(plan_id, n);

CREATE TABLE conflict (
  id         INTEGER PRIMARY KEY,
  sync_id    INTEGER NOT NULL REFERENCES sync ON DELETE CASCADE,
  row_key    TEXT NOT NULL,
  record_id  TEXT NOT NULL DEFAULT '',
  name       TEXT NOT NULL DEFAULT '',
  field      TEXT NOT NULL,
  property   TEXT NOT NULL,            -- '' = the identity of the whole row
  cause      TEXT NOT NULL,            -- groups the queue
  reason     TEXT NOT NULL,
  base       TEXT,                     -- NULL = never agreed
  src        TEXT NOT NULL,
  rem        TEXT NOT NULL,
  src_meta   TEXT NOT NULL DEFAULT '',
  rem_meta   TEXT NOT NULL DEFAULT '', -- JSON: who and when on the HubSpot side
  state      TEXT NOT NULL,            -- open, decided, closed
  choice     TEXT NOT NULL DEFAULT '', -- source, hubspot, base, value, skip
  value      TEXT NOT NULL DEFAULT '',
  opened_run TEXT NOT NULL DEFAULT '',
  opened_at  INTEGER NOT NULL,
  decided_at INTEGER NOT NULL DEFAULT 0,
  decided_by TEXT NOT NULL DEFAULT '',
  closed_at  INTEGER NOT NULL DEFAULT 0,
  closed_why TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX conflict_live ON conflict(sync_id, row_key, property) WHERE state <> 'closed';
CREATE INDEX conflict_queue ON conflict(state, sync_id, cause, id);

CREATE TABLE attention (
  id         INTEGER PRIMARY KEY,
  sync_id    INTEGER NOT NULL REFERENCES sync ON DELETE CASCADE,
  row_key    TEXT NOT NULL,
  record_id  TEXT NOT NULL DEFAULT '',
  name       TEXT NOT NULL DEFAULT '',
  line       INTEGER NOT NULL DEFAULT 0,
  class      TEXT NOT NULL,            -- invalid, refused, unreadable, duplicate, blocked, unknown
  cause      TEXT NOT NULL,            -- groups
  message    TEXT NOT NULL,
  detail     TEXT NOT NULL DEFAULT '', -- HubSpot's own answer, to copy
  payload    BLOB,                     -- hash of what was refused: not sent again unchanged
  first_run  TEXT NOT NULL DEFAULT '',
  last_run   TEXT NOT NULL DEFAULT '',
  tries      INTEGER NOT NULL DEFAULT 1,
  at         INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX attention_row ON attention(sync_id, row_key, line);

CREATE TABLE audit (
  id        INTEGER PRIMARY KEY,
  run_id    TEXT NOT NULL,
  sync_id   INTEGER NOT NULL,
  link_id   INTEGER NOT NULL,
  row_key   TEXT NOT NULL,
  record_id TEXT NOT NULL,
  side      TEXT NOT NULL,       -- hubspot, source
  field     TEXT NOT NULL,
  property  TEXT NOT NULL,       -- '' with action create or archive = the whole record
  action    TEXT NOT NULL,       -- create, update, archive
  before    TEXT,                -- NULL = there was nothing
  after     TEXT,
  why       TEXT NOT NULL,
  op_id     INTEGER NOT NULL,
  at        INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_run ON audit(run_id, id);
CREATE INDEX audit_record ON audit(sync_id, row_key, id);

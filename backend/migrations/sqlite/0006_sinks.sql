-- What sinks have to be told. What it says is sealed. It is deleted once the sink was told and the
-- act cannot be undone any more, of which the same sink would have to be told.
CREATE TABLE event (
  no          INTEGER PRIMARY KEY AUTOINCREMENT,
  sink        TEXT NOT NULL,
  seq         INTEGER NOT NULL REFERENCES ledger (seq),
  entry       BLOB NOT NULL CHECK (length(entry) = 16),
  recorded_at INTEGER NOT NULL,
  -- Absent once the sink was told.
  due         INTEGER,
  attempts    INTEGER NOT NULL DEFAULT 0,
  kept_until  INTEGER NOT NULL,
  sealed      BLOB NOT NULL
) STRICT;

CREATE INDEX event_by_due ON event (sink, due) WHERE due IS NOT NULL;
CREATE INDEX event_by_age ON event (sink, recorded_at) WHERE due IS NOT NULL;
CREATE INDEX event_by_end ON event (kept_until) WHERE due IS NULL;
CREATE INDEX event_by_entry ON event (entry);

CREATE TABLE sink (
  name             TEXT PRIMARY KEY,
  disabled_at      INTEGER,
  left_alone_until INTEGER NOT NULL DEFAULT 0,
  told             INTEGER NOT NULL DEFAULT 0,
  total_ms         INTEGER NOT NULL DEFAULT 0,
  slowest_ms       INTEGER NOT NULL DEFAULT 0,
  told_at          INTEGER,
  failed_at        INTEGER,
  status           INTEGER
) STRICT, WITHOUT ROWID;

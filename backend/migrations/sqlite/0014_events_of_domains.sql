-- An event is about an entry, or about a step of a company.
ALTER TABLE event RENAME TO event_of_entry;
DROP INDEX event_by_due;
DROP INDEX event_by_age;
DROP INDEX event_by_end;
DROP INDEX event_by_entry;

CREATE TABLE event (
  no          INTEGER PRIMARY KEY AUTOINCREMENT,
  sink        TEXT NOT NULL,
  seq         INTEGER REFERENCES ledger (seq),
  entry       BLOB CHECK (length(entry) = 16),
  step        INTEGER REFERENCES domain_step (id),
  -- What stops mailings, or ends what stopped them, comes before all else.
  rank        INTEGER NOT NULL DEFAULT 0 CHECK (rank IN (0, 1)),
  recorded_at INTEGER NOT NULL,
  -- Absent once the sink was told.
  due         INTEGER,
  attempts    INTEGER NOT NULL DEFAULT 0,
  kept_until  INTEGER NOT NULL,
  sealed      BLOB NOT NULL,
  CHECK ((seq IS NULL) = (entry IS NULL) AND (seq IS NULL) <> (step IS NULL))
) STRICT;

INSERT INTO event (no, sink, seq, entry, recorded_at, due, attempts, kept_until, sealed)
SELECT no, sink, seq, entry, recorded_at, due, attempts, kept_until, sealed FROM event_of_entry;

-- No number is used twice, not even one of an event that is gone.
DELETE FROM sqlite_sequence WHERE name = 'event';
INSERT INTO sqlite_sequence (name, seq)
SELECT 'event', seq FROM sqlite_sequence WHERE name = 'event_of_entry';

DROP TABLE event_of_entry;

CREATE INDEX event_by_due ON event (sink, rank, due) WHERE due IS NOT NULL;
CREATE INDEX event_by_age ON event (sink, recorded_at) WHERE due IS NOT NULL;
CREATE INDEX event_by_end ON event (kept_until) WHERE due IS NULL;
CREATE INDEX event_by_entry ON event (entry);

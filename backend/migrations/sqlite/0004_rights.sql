-- An entry may be deleted only while the last entry of its subject is an erasure, which itself
-- stays. Whoever wants to delete has to append one first, for everybody to see.
DROP TRIGGER payload_is_not_deleted;
CREATE TRIGGER payload_is_deleted_by_erasure_alone BEFORE DELETE ON payload
WHEN NOT EXISTS (
  SELECT 1 FROM (
    SELECT seq, canonical FROM payload
    WHERE subject_no = old.subject_no ORDER BY seq DESC LIMIT 1
  ) AS last
  WHERE last.seq > old.seq AND json_extract(CAST(last.canonical AS TEXT), '$.act') = 'erased'
)
BEGIN SELECT raise(ABORT, 'an entry is deleted by erasure alone'); END;

CREATE INDEX receipt_of_subject ON receipt (subject_no);

-- Erasures that still have to be written to the list beside the database.
CREATE TABLE erasure (
  seq  INTEGER PRIMARY KEY REFERENCES ledger (seq),
  line TEXT NOT NULL
) STRICT;

-- Objections under Art. 21(1) and complaints. Who asked and what they wrote is sealed, and deleted
-- when the case is decided; the grounds of a rejection are the controller's, and stay.
CREATE TABLE case_file (
  reference       TEXT PRIMARY KEY CHECK (length(reference) = 8),
  kind            TEXT NOT NULL CHECK (kind IN ('objection', 'complaint')),
  subject_no      INTEGER NOT NULL REFERENCES subject (no),
  opened          BLOB NOT NULL CHECK (length(opened) = 16),
  notice          TEXT NOT NULL,
  purpose         TEXT,
  received_at     INTEGER NOT NULL,
  acknowledge_by  INTEGER,
  acknowledged_at INTEGER,
  due             INTEGER,
  extended_at     INTEGER,
  decided_at      INTEGER,
  accepted        INTEGER CHECK (accepted IN (0, 1)),
  sealed          BLOB,
  grounds         BLOB
) STRICT;

CREATE INDEX case_of_subject ON case_file (subject_no);
CREATE INDEX case_by_state ON case_file (decided_at, received_at);

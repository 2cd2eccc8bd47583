-- Times are milliseconds since 1970-01-01T00:00:00Z. Integers stand for subjects inside the
-- database, so that only the look-up of an address writes at a random place.

-- 'Says': what kind of file this is.
PRAGMA application_id = 1398897011;

-- What is fixed for ever: the order, and one commitment per entry.
CREATE TABLE ledger (
  seq        INTEGER PRIMARY KEY,
  commitment BLOB NOT NULL CHECK (length(commitment) = 32)
) STRICT;

CREATE TRIGGER ledger_has_no_gap BEFORE INSERT ON ledger
WHEN new.seq IS NOT coalesce((SELECT max(seq) FROM ledger), 0) + 1
BEGIN SELECT raise(ABORT, 'the ledger is appended to, without a gap'); END;
CREATE TRIGGER ledger_is_not_updated BEFORE UPDATE ON ledger
BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_is_not_deleted BEFORE DELETE ON ledger
BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END;

-- Whose entries, and what holds for them: a fold of the payloads, kept for speed.
CREATE TABLE subject (
  no       INTEGER PRIMARY KEY,
  subject  BLOB NOT NULL UNIQUE CHECK (length(subject) = 16),
  standing BLOB NOT NULL
) STRICT;

-- The only way from an address to its entries.
CREATE TABLE subject_key (
  generation  INTEGER NOT NULL,
  address_key BLOB NOT NULL CHECK (length(address_key) = 32),
  subject_no  INTEGER NOT NULL REFERENCES subject (no),
  PRIMARY KEY (generation, address_key)
) STRICT, WITHOUT ROWID;

-- What an entry says. Erasure will delete rows; until that routine exists nothing may.
CREATE TABLE payload (
  seq        INTEGER PRIMARY KEY REFERENCES ledger (seq),
  subject_no INTEGER NOT NULL REFERENCES subject (no),
  salt       BLOB NOT NULL CHECK (length(salt) = 32),
  canonical  BLOB NOT NULL
) STRICT;

CREATE INDEX payload_of_subject ON payload (subject_no);

CREATE TRIGGER payload_is_not_updated BEFORE UPDATE ON payload
BEGIN SELECT raise(ABORT, 'an entry is never changed'); END;
CREATE TRIGGER payload_is_not_deleted BEFORE DELETE ON payload
BEGIN SELECT raise(ABORT, 'an entry is deleted by erasure alone'); END;

CREATE TABLE receipt (
  name       BLOB PRIMARY KEY CHECK (length(name) = 22),
  subject_no INTEGER NOT NULL REFERENCES subject (no),
  first_seq  INTEGER NOT NULL,
  count      INTEGER NOT NULL CHECK (count > 0),
  undo       BLOB NOT NULL CHECK (length(undo) = 16),
  undo_until INTEGER NOT NULL,
  undone     INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE notice (
  notice       TEXT NOT NULL,
  version      INTEGER NOT NULL,
  digest       BLOB NOT NULL CHECK (length(digest) = 32),
  kind         TEXT NOT NULL CHECK (kind IN ('verbatim', 'structured')),
  canonical    BLOB NOT NULL,
  published_at INTEGER NOT NULL,
  PRIMARY KEY (notice, version)
) STRICT;

CREATE TRIGGER notice_is_not_updated BEFORE UPDATE ON notice
BEGIN SELECT raise(ABORT, 'a notice version is immutable'); END;
CREATE TRIGGER notice_is_not_deleted BEFORE DELETE ON notice
BEGIN SELECT raise(ABORT, 'a notice version is immutable'); END;

-- The last row is in force; as_of is the last entry that was decided on by the row before.
CREATE TABLE rules (
  id        INTEGER PRIMARY KEY,
  digest    BLOB NOT NULL CHECK (length(digest) = 32),
  canonical BLOB NOT NULL,
  at        INTEGER NOT NULL,
  as_of     INTEGER NOT NULL
) STRICT;

CREATE INDEX rules_by_digest ON rules (digest);

CREATE TRIGGER rules_are_not_updated BEFORE UPDATE ON rules
BEGIN SELECT raise(ABORT, 'rules are append-only'); END;
CREATE TRIGGER rules_are_not_deleted BEFORE DELETE ON rules
BEGIN SELECT raise(ABORT, 'rules are append-only'); END;

CREATE TABLE text (
  digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
  bytes  BLOB NOT NULL
) STRICT;

CREATE TRIGGER text_is_not_updated BEFORE UPDATE ON text
BEGIN SELECT raise(ABORT, 'a text is immutable'); END;
CREATE TRIGGER text_is_not_deleted BEFORE DELETE ON text
BEGIN SELECT raise(ABORT, 'a text is immutable'); END;

CREATE TABLE api_key (
  id         INTEGER PRIMARY KEY,
  hash       BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  label      TEXT NOT NULL,
  last4      TEXT NOT NULL,
  scopes     TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER
) STRICT;

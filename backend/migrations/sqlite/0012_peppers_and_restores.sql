-- With which peppers keys were made: a mark of each, from which no pepper follows. A retired one is
-- not needed any more: every contact is keyed under another one too.
CREATE TABLE pepper (
  generation INTEGER PRIMARY KEY,
  mark       BLOB CHECK (length(mark) = 32),
  retired    INTEGER NOT NULL DEFAULT 0 CHECK (retired IN (0, 1))
) STRICT;

-- After which entry a backup ended that was restored, and the number at which the ledger goes on:
-- greater than any that was handed out since the backup. The row of that number in the ledger
-- commits to nothing.
CREATE TABLE restored (
  seq    INTEGER PRIMARY KEY,
  before INTEGER NOT NULL,
  at     INTEGER NOT NULL
) STRICT;

CREATE TRIGGER restored_is_not_updated BEFORE UPDATE ON restored
BEGIN SELECT raise(ABORT, 'restores are append-only'); END;
CREATE TRIGGER restored_is_not_deleted BEFORE DELETE ON restored
BEGIN SELECT raise(ABORT, 'restores are append-only'); END;

DROP TRIGGER ledger_has_no_gap;
CREATE TRIGGER ledger_has_no_gap_but_after_a_restore BEFORE INSERT ON ledger
WHEN new.seq IS NOT coalesce((SELECT max(seq) FROM ledger), 0) + 1
 AND NOT EXISTS (
   SELECT 1 FROM restored
   WHERE seq = new.seq AND before = coalesce((SELECT max(seq) FROM ledger), 0)
 )
BEGIN SELECT raise(ABORT, 'the ledger is appended to, without a gap'); END;

-- Letters that only tell of what holds anyway come after those that somebody waits for; within one
-- rank those that end first and those that have waited longest take turns.
ALTER TABLE letter ADD COLUMN rank INTEGER NOT NULL DEFAULT 0 CHECK (rank IN (0, 1));
CREATE INDEX letter_by_rank ON letter (rank, not_after, due);
CREATE INDEX letter_by_wait ON letter (rank, no, due);

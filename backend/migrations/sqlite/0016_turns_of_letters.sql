-- A letter that was never taken is due at 0, so that each turn reads its own letters alone: of those that
-- were never taken the one that ends first or was written first, and of those that were put back the one
-- that has been due again for longest.
UPDATE letter SET due = 0 WHERE attempts = 0;
-- Since when it is refused without a word on what is wrong.
ALTER TABLE letter ADD COLUMN refused_since INTEGER;
DROP INDEX letter_by_due;
DROP INDEX letter_by_rank;
DROP INDEX letter_by_wait;
CREATE INDEX letter_by_turn ON letter (rank, due);
CREATE INDEX letter_untried ON letter (rank, not_after) WHERE due = 0;
CREATE INDEX letter_by_end ON letter (not_after, due);

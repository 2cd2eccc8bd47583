-- When a letter was first due, however often it was tried since: says how long it has waited.
ALTER TABLE letter ADD COLUMN first_due INTEGER NOT NULL DEFAULT 0;
UPDATE letter SET first_due = due;

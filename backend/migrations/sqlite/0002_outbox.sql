-- Letters that wait to be sent. Address and content are sealed; a letter that was sent, or that
-- nobody would need any more, is deleted.
CREATE TABLE letter (
  no        INTEGER PRIMARY KEY AUTOINCREMENT,
  due       INTEGER NOT NULL,
  not_after INTEGER NOT NULL,
  attempts  INTEGER NOT NULL DEFAULT 0,
  sealed    BLOB NOT NULL
) STRICT;

CREATE INDEX letter_by_due ON letter (due);

-- One row per letter of the last day, so that nobody is flooded.
CREATE TABLE letter_count (
  generation  INTEGER NOT NULL,
  address_key BLOB NOT NULL CHECK (length(address_key) = 32),
  at          INTEGER NOT NULL
) STRICT;

CREATE INDEX letter_count_by_key ON letter_count (generation, address_key, at);
CREATE INDEX letter_count_by_time ON letter_count (at);

-- Links that were mailed and wait to be used. The token is not kept, nor the code: only what they
-- hash to. A link that was used, voided or that is over is deleted, and its sealed address with it.
CREATE TABLE link (
  no          INTEGER PRIMARY KEY,
  purpose     TEXT NOT NULL CHECK (purpose IN ('self', 'consent')),
  generation  INTEGER NOT NULL,
  address_key BLOB NOT NULL CHECK (length(address_key) = 32),
  about       BLOB NOT NULL CHECK (length(about) = 32),
  token       BLOB NOT NULL UNIQUE CHECK (length(token) = 32),
  code        BLOB NOT NULL CHECK (length(code) = 32),
  tries       INTEGER NOT NULL DEFAULT 0,
  until       INTEGER NOT NULL,
  sealed      BLOB NOT NULL
) STRICT;

CREATE INDEX link_by_address ON link (generation, address_key, purpose);
CREATE INDEX link_by_end ON link (until);

-- Who has shown to hold an address, for an hour at most.
CREATE TABLE session (
  name   BLOB PRIMARY KEY CHECK (length(name) = 32),
  until  INTEGER NOT NULL,
  sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX session_by_end ON session (until);

-- By which fold the standings were written that are kept. Another one writes them again before anything
-- is answered: those of the subjects up to `done` were written by `next` already.
CREATE TABLE fold (
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  number   INTEGER NOT NULL,
  next     INTEGER,
  done     INTEGER NOT NULL DEFAULT 0,
  differed INTEGER NOT NULL DEFAULT 0
) STRICT;

INSERT INTO fold (id, number) VALUES (1, 0);

-- When what is kept too long was deleted last.
CREATE TABLE retention_run (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  at INTEGER NOT NULL
) STRICT;

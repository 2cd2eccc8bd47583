-- How many codes were typed that no link waited for. Counting them makes a wrong code take as long
-- where nothing waits as where one more try is counted: a commit.
CREATE TABLE stray_code (
  id    INTEGER PRIMARY KEY CHECK (id = 1),
  count INTEGER NOT NULL
) STRICT;

INSERT INTO stray_code (id, count) VALUES (1, 0);

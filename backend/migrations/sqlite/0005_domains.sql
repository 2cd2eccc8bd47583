-- Why a company's domain is in the rules, or no longer is: what staff were told, and where that is kept.
CREATE TABLE domain_step (
  id       INTEGER PRIMARY KEY,
  domain   TEXT NOT NULL,
  act      TEXT NOT NULL CHECK (act IN ('objected', 'objected_with_subdomains', 'lifted')),
  evidence TEXT NOT NULL,
  at       INTEGER NOT NULL
) STRICT;

CREATE TRIGGER domain_step_is_not_updated BEFORE UPDATE ON domain_step
BEGIN SELECT raise(ABORT, 'steps of a domain are append-only'); END;
CREATE TRIGGER domain_step_is_not_deleted BEFORE DELETE ON domain_step
BEGIN SELECT raise(ABORT, 'steps of a domain are append-only'); END;

-- By when a person has to be told, whose contact came from somebody else (Art. 14(3)), and when they
-- were told before it came: parts of the standing, kept beside it so that who is late is found.
ALTER TABLE subject ADD COLUMN notice_due INTEGER;
ALTER TABLE subject ADD COLUMN notice_told INTEGER;

CREATE INDEX subject_by_notice_due ON subject (notice_due, notice_told) WHERE notice_due IS NOT NULL;

-- From a subject to its keys: erasure asks, and what is kept in memory is brought up to date by it.
CREATE INDEX subject_key_of_subject ON subject_key (subject_no);

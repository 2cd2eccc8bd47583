-- Why a sink gave no answer when telling it failed last.
ALTER TABLE sink ADD COLUMN trouble TEXT;

-- Without statistics SQLite goes by the indexes, however few rows a table held
-- when they were taken: those of an almost empty table made it scan that table for
-- each row of the next run.
DROP TABLE IF EXISTS sqlite_stat1;
DROP TABLE IF EXISTS sqlite_stat4;

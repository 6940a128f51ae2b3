#!/bin/sh
# Run once by the image of PostgreSQL, on an empty volume: the server's own role and database. The role is no superuser; it may
# only do, besides its own tables, what takes erased text out of the write-ahead log (see docs/topics/threats.md).
set -eu
psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --set password="$DATABASE_PASSWORD" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE avous LOGIN PASSWORD :'password';
CREATE DATABASE avous OWNER avous;
REVOKE ALL ON DATABASE avous FROM PUBLIC;
GRANT pg_checkpoint TO avous;
\connect avous
GRANT EXECUTE ON FUNCTION pg_switch_wal() TO avous;
SQL

#!/bin/sh
# Run once, when the database is made, by PostgreSQL's image as the superuser: three roles, none of them a superuser.
#   autolytiq_owner   owns the tables: migrations, verify-audit, distribute, restore
#   autolytiq_app     what the application connects with: owns nothing, cannot bypass row-level security
#   autolytiq_backup  reads everything past row-level security and writes nothing
set -eu
folder=${SECRETS_FOLDER:-/run/secrets}
owner=$(cat "$folder/owner_password")
app=$(cat "$folder/app_password")
backup=$(cat "$folder/backup_password")
# By the environment, not as arguments: those can be seen in the list of processes.
export owner app backup
psql -X -q -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
\getenv owner owner
\getenv app app
\getenv backup backup
SET password_encryption = 'scram-sha-256';
CREATE ROLE autolytiq_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'owner';
CREATE ROLE autolytiq_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'app';
CREATE ROLE autolytiq_backup LOGIN NOSUPERUSER BYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'backup';
GRANT pg_read_all_data TO autolytiq_backup;
SELECT format('ALTER DATABASE %I OWNER TO autolytiq_owner', current_database()) \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()) \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO autolytiq_app, autolytiq_backup', current_database()) \gexec
SQL

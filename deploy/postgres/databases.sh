#!/bin/sh
# Run by PostgreSQL's image at the very first start: a database and an owner for the case store, and for the registry.
set -e
for name in lantaarn registry; do
    psql --set ON_ERROR_STOP=1 --no-psqlrc --quiet --username "$POSTGRES_USER" --dbname postgres <<END
\set password \`cat "${SECRETS:-/run/secrets}/postgres-$name"\`
CREATE ROLE $name LOGIN PASSWORD :'password';
CREATE DATABASE $name OWNER $name;
REVOKE ALL ON DATABASE $name FROM PUBLIC;
END
done

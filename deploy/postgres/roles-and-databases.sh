#!/bin/sh
# Run by the postgres image on an empty volume: one role for the engine, the owner of its databases; for the application
# one role that owns the tables and migrates them, and one that works with them: it cannot change what is only ever added
# to, nor the triggers that refuse it (models/walls.py grants what it may). None may create databases or roles, or enter
# another's.
set -eu
secrets=${SECRETS_DIR:-/run/secrets}

for name in temporal_database_password aboutir_database_password aboutir_owner_password; do
    if [ ! -s "$secrets/$name" ]; then
        echo "the secret $name is missing or empty" >&2
        exit 1
    fi
done

# psql reads the passwords itself: they never stand on a command line, where `ps` would show them.
export SECRETS_DIR="$secrets"
psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\set temporal_password `cat "$SECRETS_DIR/temporal_database_password"`
\set aboutir_password `cat "$SECRETS_DIR/aboutir_database_password"`
\set owner_password `cat "$SECRETS_DIR/aboutir_owner_password"`

CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';
CREATE ROLE aboutir LOGIN PASSWORD :'aboutir_password';
CREATE ROLE aboutir_owner LOGIN PASSWORD :'owner_password';

CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
CREATE DATABASE aboutir OWNER aboutir_owner;
CREATE DATABASE aboutir_keys OWNER aboutir;

REVOKE ALL ON DATABASE temporal, temporal_visibility, aboutir, aboutir_keys FROM PUBLIC;
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
GRANT CONNECT ON DATABASE aboutir TO aboutir;
SQL

#!/bin/sh
# Brings the two databases of the engine to the schema of this version of temporalio/admin-tools. Safe to run again:
# setup-schema leaves a database that is already past version 0.0 alone, update-schema applies what is missing.
# The databases themselves are made with their owner by deploy/postgres, so that this role needs no right to create any.
set -eu

SQL_PASSWORD=$(cat /run/secrets/temporal_database_password)
export SQL_PASSWORD
schemas=/etc/temporal/schema/postgresql/v12

for pair in "temporal:temporal" "temporal_visibility:visibility"; do
    database=${pair%%:*}
    folder=${pair##*:}
    temporal-sql-tool --plugin postgres12 --ep "$SQL_HOST" -p "$SQL_PORT" -u "$SQL_USER" --db "$database" \
        setup-schema -v 0.0
    temporal-sql-tool --plugin postgres12 --ep "$SQL_HOST" -p "$SQL_PORT" -u "$SQL_USER" --db "$database" \
        update-schema -d "$schemas/$folder/versioned"
done

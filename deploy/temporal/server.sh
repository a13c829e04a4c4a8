#!/bin/sh
# Starts the engine with its password read from a file: the image knows only the variable POSTGRES_PWD. Set here, it
# stands in the process and not in the compose file, in `docker inspect` or in the image.
set -eu

POSTGRES_PWD=$(cat /run/secrets/temporal_database_password)
export POSTGRES_PWD
exec /etc/temporal/entrypoint.sh

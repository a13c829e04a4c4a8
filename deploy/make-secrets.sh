#!/bin/sh
# Makes the passwords, the master key and the key that seals, which docker-compose.yml hands over as files: those that
# are missing only.
# Run once on the server, in the folder of docker-compose.yml:  sh deploy/make-secrets.sh
set -eu

# The folder is closed to all but its owner; the files inside are readable, because a container's user (not root,
# and not the owner) reads them through a bind mount, which ignores the folder's rights and keeps the file's.
mkdir -p secrets
chmod 700 secrets

for name in postgres_superuser_password temporal_database_password aboutir_database_password aboutir_mail_password \
    aboutir_owner_password aboutir_master_key aboutir_seal_key; do
    file="secrets/$name"
    if [ -s "$file" ]; then
        echo "$file is kept"
        continue
    fi
    # 256 bits in hexadecimal: no character that a shell, a URL or YAML could read as something else.
    (od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; echo) > "$file.new"
    chmod 444 "$file.new"
    mv "$file.new" "$file"
    echo "$file is made"
done

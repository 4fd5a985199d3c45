#!/bin/sh
# Secret files become environment variables: /run/secrets/secret_key is SECRET_KEY. Then the command takes this
# process's place, so that it gets the signals. SECRETS_FOLDER is there for machines without /run/secrets.
set -eu
folder=${SECRETS_FOLDER:-/run/secrets}
unset SECRETS_FOLDER
for file in "$folder"/*; do
    [ -f "$file" ] || continue
    name=$(basename "$file" | tr '[:lower:]' '[:upper:]')
    # On a line of its own: a file that cannot be read must end the start.
    value=$(cat "$file")
    export "$name=$value"
done
exec "$@"

#!/bin/sh
# Makes the engine fit for what it must hold: a namespace that keeps histories for years, and the attributes that
# operators search by. Safe to run again; run it after every upgrade and after every change of retention.
# Uses TEMPORAL_ADDRESS, NAMESPACE and RETENTION (such as 3650d).
set -eu
address=${TEMPORAL_ADDRESS:?} namespace=${NAMESPACE:?} retention=${RETENTION:?}

# Runs a question until it is answered, for two minutes; then once more, aloud, so that the log says why not.
wait_for() {
    tries=0
    until "$@" > /dev/null 2>&1; do
        tries=$((tries + 1))
        if [ "$tries" -ge 120 ]; then
            "$@"
            return
        fi
        sleep 1
    done
}

wait_for temporal operator cluster health --address "$address"

if temporal operator namespace describe --address "$address" --namespace "$namespace" > /dev/null 2>&1; then
    temporal operator namespace update --address "$address" --namespace "$namespace" --retention "$retention"
else
    temporal operator namespace create --address "$address" --namespace "$namespace" --retention "$retention"
fi

# The engine's parts learn of a new namespace some seconds later, through their caches.
wait_for temporal operator search-attribute list --address "$address" --namespace "$namespace"

# One command for each: given several names, the client of 1.9 registers the first and says that it added them all.
# Adding one that exists with the same type succeeds; with another type it fails, and so it should.
is_listed() {
    temporal operator search-attribute list --address "$address" --namespace "$namespace" --output json \
        | grep -q "\"$1\""
}
for attribute in AboutirStep:Keyword AboutirDomain:Keyword AboutirTerritory:Keyword AboutirStalled:Bool; do
    name=${attribute%%:*}
    type=${attribute##*:}
    temporal operator search-attribute create --address "$address" --namespace "$namespace" \
        --name "$name" --type "$type"
    wait_for is_listed "$name"
done

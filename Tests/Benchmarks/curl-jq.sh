#!/bin/sh
# What a careful user writes without charon-run: the same three calls with curl and jq around a command.
slug=$1
shift
call() { curl -sS --max-time 10 -H @"$CHARON_HEADER" "$@"; }
answer=$(call "$CHARON_URL/$slug/can-start") || exit 1
[ "$(printf %s "$answer" | jq .active)" = true ] || exit 0
id=$(call "$CHARON_URL/$(printf %s "$answer" | jq -r .id)/start" | jq -r .id)
"$@"
code=$?
success=$([ $code = 0 ] && echo true || echo false)
type=$([ $code = 0 ] && echo success || echo error)
call -o /dev/null -H 'Content-Type: application/json' -d "{\"type\":\"$type\",\"success\":$success}" "$CHARON_URL/$id/end"
exit $code

#!/usr/bin/env bash
# Sends requests from a pod and counts the responses. usage: count.sh NETNS N URL [CURL ARGS]
# Prints a line per response: "9 v1", "11 v2" (the version of the application), "3 code=503", "1 curl: (28) ..."
set -uo pipefail
n=$1 times=$2 url=$3; shift 3
for _ in $(seq "$times"); do
  ip netns exec "$n" curl -sS -m "${MAXT:-2}" "$@" -w '\ncode=%{http_code}\n' "$url" 2>&1 | grep -oE 'version: [a-z0-9]+|code=[^2][0-9]+|curl: \([0-9]+\).*' | head -1
done | sed 's/version: //' | sort | uniq -c | sed 's/^ *//'

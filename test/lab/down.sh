#!/usr/bin/env bash
# End what the scripts of this folder started in DIR. All of it is thrown away, so at once. usage: down.sh DIR
set -euo pipefail
. "$(dirname "$0")/lib.sh"
[ -f "$1/pids" ] || exit 0
while read -r pid; do
  # a number may have gone to another process since: only what runs from our cache is ended
  case $(readlink "/proc/$pid/exe" || true) in "$BIN"/*) kill -9 "$pid" 2>/dev/null || true ;; esac
done < "$1/pids"
rm -f "$1/pids"

#!/usr/bin/env bash
# Kills the processes that the scripts of this folder started in DIR. Their data is temporary. usage: down.sh DIR
set -euo pipefail
. "$(dirname "$0")/lib.sh"
[ -f "$1/pids" ] || exit 0
while read -r pid; do
  # The ID may belong to another process by now, so only processes of our binaries are killed.
  case $(readlink "/proc/$pid/exe" || true) in "$BIN"/* | "$OLD_ISTIOD"/* | "$FLUX"/*) kill -9 "$pid" 2>/dev/null || true ;; esac
done < "$1/pids"
rm -f "$1/pids"

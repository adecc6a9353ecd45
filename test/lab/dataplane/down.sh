#!/usr/bin/env bash
# Kills the processes that the scripts of this folder started in DIR, and removes the network namespaces. usage: dataplane/down.sh DIR
set -uo pipefail
. "$(dirname "$0")/lib.sh"
for n in $(ip netns list | awk '{print $1}' | grep "^$P-" | grep -vx "$P-host"); do nskill "$n"; done
"$LAB/down.sh" "$1"
[ ! -e "/run/netns/$P-host" ] || ip netns del "$P-host"

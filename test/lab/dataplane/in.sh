#!/usr/bin/env bash
# Runs a command in the network namespace of the lab or of a pod. usage: in.sh CMD... | in.sh NETNS -- CMD...
. "$(dirname "$0")/lib.sh"
if [ "${2:-}" = -- ]; then n=$1; shift 2; exec ip netns exec "$n" "$@"; fi
exec nsenter --net="/run/netns/$P-host" "$@"

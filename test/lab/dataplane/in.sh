#!/usr/bin/env bash
# Run a command inside the lab's namespace, or inside a pod's: in.sh CMD... | in.sh NETNS -- CMD...
. "$(dirname "$0")/lib.sh"
if [ "${2:-}" = -- ]; then n=$1; shift 2; exec ip netns exec "$n" "$@"; fi
exec nsenter --net="/run/netns/$P-host" "$@"

# shellcheck shell=bash
# Sourced by the scripts of this folder. Each enters the network namespace $P-host, which is not connected to other machines.
DATAPLANE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$DATAPLANE/../lib.sh"
P=${DP_PREFIX:-dp} # prefix of all network namespaces; each lab needs a different one
# indp "$@": restarts the script in the network namespace of the lab
indp() { [ -n "${IN_DP:-}" ] || exec nsenter --net="/run/netns/$P-host" env IN_DP=1 "$0" "$@"; }
nsadd() { [ -e "/run/netns/$1" ] || ip netns add "$1"; ip -n "$1" link set lo up; }
# plug NETNS IFNAME BRIDGE CIDR: connects a network namespace to a bridge of $P-host
plug() {
  local v; v=v$(printf %s "$1$2" | md5sum | cut -c1-10); ip link del "$v" 2>/dev/null || true
  ip link add "$v" type veth peer name "$2" netns "$1"; ip link set "$v" master "$3" up
  ip -n "$1" addr add "$4" dev "$2"; ip -n "$1" link set "$2" up
}
cidx() { awk -v c="$2" '$1==c{print NR-1}' "$1/clusters"; } # DIR CLUSTER -> 0, 1, ...
until_ok() { local n=$1; shift; for _ in $(seq "$n"); do "$@" >/dev/null 2>&1 && return 0; sleep 0.3; done; echo "timed out: $*" >&2; return 1; }
# nskill NETNS: kills the processes in a network namespace, and removes it
nskill() {
  [ -e "/run/netns/$1" ] || return 0
  local p; p=$(ip netns pids "$1"); [ -z "$p" ] || { echo "$p" | xargs -r kill -9 2>/dev/null || true; }
  ip netns del "$1"; rm -rf "/etc/netns/$1"
}

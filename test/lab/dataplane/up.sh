#!/usr/bin/env bash
# Starts clusters (../up.sh) in the network namespace $P-host, with a bridge and a router namespace per cluster, and a bridge "wan".
# usage: dataplane/up.sh DIR NAME...     pods: 10.(240+i).0.0/16 on br-NAME; only 203.0.113.0/24 is routed between clusters, via $P-rt-NAME (.1i+1)
set -euo pipefail
. "$(dirname "$0")/lib.sh"; DIR=$1
if [ -z "${IN_DP:-}" ]; then mkdir -p "$DIR"; "$DATAPLANE/down.sh" "$DIR"; nsadd "$P-host"; fi
indp "$@"; shift
printf '%s\n' "$@" > "$DIR/clusters"
# The API servers run in this namespace: that of a remote cluster calls its webhook at the gateway of another cluster.
ip link add br-wan type bridge; ip link set br-wan up; ip addr add 203.0.113.1/24 dev br-wan
i=0; for c in "$@"; do
  ip link add "br-$c" type bridge; ip link set "br-$c" up; ip addr add "10.$((240+i)).255.1/16" dev "br-$c"
  r=$P-rt-$c; nsadd "$r"; plug "$r" eth0 "br-$c" "10.$((240+i)).255.254/16"; plug "$r" wan br-wan "203.0.113.1$((i+1))/24"
  nsenter --net="/run/netns/$r" sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward
    iptables -P FORWARD DROP; iptables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED,DNAT -j ACCEPT
    iptables -A FORWARD -i eth0 -o wan -d 203.0.113.0/24 -j ACCEPT; iptables -t nat -A POSTROUTING -j MASQUERADE'
  i=$((i+1))
done
# Without kube-proxy, the API server must connect to webhooks by pod IP.
LAB_APISERVER_FLAGS=--enable-aggregator-routing=true "$LAB/up.sh" "$DIR" "$@"

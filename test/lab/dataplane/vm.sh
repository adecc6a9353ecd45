#!/usr/bin/env bash
# Starts a virtual machine outside the clusters (on the wan bridge) from the files of `istioctl x workload entry configure`.
# usage: dataplane/vm.sh DIR NAME IP FILESDIR [app command...]     prints the network namespace
set -euo pipefail
. "$(dirname "$0")/lib.sh"; indp "$@"; DIR=$1 name=$2 IP=$3 f=$4; shift 4; n=$P-vm-$name; w="$DIR/vm/$name"
I=$SHARE/istio
nskill "$n"; umask 077
mkdir -p "$DIR/vm"; chmod 711 "$DIR/vm"; rm -rf "$w"; mkdir -p "$w"/{var/lib/istio/envoy,etc/istio/config,etc/istio/proxy,etc/certs,var/run/secrets/tokens,bin}; cd "$w"
cp "$f/cluster.env" var/lib/istio/envoy/; cp "$f/mesh.yaml" etc/istio/config/mesh; cp "$f/istio-token" var/run/secrets/tokens/; cp "$f/root-cert.pem" etc/certs/
cp "$I/envoy_bootstrap.json" var/lib/istio/bootstrap.json; sed "s/^  INSTANCE_IP=/  exec env INSTANCE_IP=/" "$I/istio-start.sh" > bin/istio-start.sh; : > proxy.log; chown -R 1337:1337 .
nsadd "$n"; plug "$n" eth0 br-wan "$IP/24"; ip -n "$n" route add default dev eth0   # service addresses must be routable to be captured
umask 022; mkdir -p "/etc/netns/$n"; { echo 127.0.0.1 localhost; cat "$f/hosts"; } > "/etc/netns/$n/hosts"; echo 'nameserver 203.0.113.53' > "/etc/netns/$n/resolv.conf"
ip netns exec "$n" bash -c 'set -a; . var/lib/istio/envoy/cluster.env; ISTIO_META_DNS_CAPTURE=true; exec '"$BIN"'/pilot-agent istio-iptables' > iptables.log 2>&1
ip netns exec "$n" env -i "PATH=$PATH" "HOME=$w" USER=vm EXEC_USER=vm ISTIO_CUSTOM_IP_TABLES=true "ISTIO_BIN_BASE=$BIN" "ISTIO_SVC_IP=$IP" "POD_NAME=$name" \
  "PROXY_CONFIG=binaryPath: $BIN/envoy" "ISTIO_AGENT_FLAGS=--templateFile var/lib/istio/bootstrap.json --concurrency 1" \
  setpriv --reuid 1337 --regid 1337 --clear-groups bash bin/istio-start.sh >> proxy.log 2>&1 &
[ $# -eq 0 ] || { ip netns exec "$n" "$@" > app.log 2>&1 & }
until_ok 100 ip netns exec "$n" curl -fsS http://127.0.0.1:15021/healthz/ready || { tail -5 proxy.log >&2; exit 1; }
echo "$n"

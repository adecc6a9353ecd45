#!/usr/bin/env bash
# Starts a virtual machine outside the clusters (on the wan bridge) with a separate root file system (../machine.sh), and runs install.sh
# of a bundle of `kubectl mesh vm register` in it. istio-start.sh, pilot-agent, Envoy and iptables are real.
# usage: dataplane/vm-bundle.sh DIR NAME IP BUNDLE [app command...]    prints the network namespace; the root file system is DIR/vm/NAME/root
#        dataplane/vm-bundle.sh DIR NAME                               reboots the machine: kills all processes, empties its tmpfs
set -euo pipefail
. "$(dirname "$0")/lib.sh"; indp "$@"; DIR=$1 name=$2; n=$P-vm-$name; R=$DIR/vm/$name/root
machine() { "$LAB/machine.sh" "$R" --net "$n" --bind "$BIN/pilot-agent" --bind "$BIN/envoy" -- "$@"; }
ready() { until_ok 100 ip netns exec "$n" curl -fsS http://127.0.0.1:15021/healthz/ready || { tail -5 "$R"/var/log/istio/* >&2; exit 1; }; }
if [ $# -eq 2 ]; then
  ip netns pids "$n" | xargs -r kill -9; rm -rf "${R:?}/run/"*; nsenter "--net=/run/netns/$n" sh -c 'iptables -t nat -F; iptables -t nat -X; iptables -t raw -F' || true
  machine systemctl start istio; ready; echo "$n"; exit
fi
IP=$3 bundle=$4; shift 4
nskill "$n"; rm -rf "$DIR/vm/$name"; umask 022; mkdir -p "$DIR/vm"; chmod 711 "$DIR/vm"
nsadd "$n"; plug "$n" eth0 br-wan "$IP/24"; ip -n "$n" route add default dev eth0   # service addresses must be routable to be captured
mkdir -p "/etc/netns/$n"; echo 127.0.0.1 localhost > "/etc/netns/$n/hosts"; echo 'nameserver 203.0.113.53' > "/etc/netns/$n/resolv.conf"
"$LAB/machine.sh" "$R" -- true; cp "/etc/netns/$n/resolv.conf" "$R/etc/"
# The contents of Istio's package. The lab differs from it in Envoy, which is the upstream build with Istio's bootstrap.
install -m 755 "$SHARE/istio/istio-start.sh" "$R/local/bin/"; mkdir -p "$R/var/lib/istio/envoy" "$R/etc/kubectl-mesh"; cp "$SHARE/istio/envoy_bootstrap.json" "$R/var/lib/istio/bootstrap.json"
printf '%s\n' "PROXY_CONFIG='binaryPath: /usr/local/bin/envoy'" "ISTIO_AGENT_FLAGS='--templateFile /var/lib/istio/bootstrap.json --concurrency 1'" "POD_NAME=$name" > "$R/etc/kubectl-mesh/sidecar.env"
# Istio's guide for virtual machines gives the whole folder to istio-proxy (istio.io, "Virtual Machine Installation").
printf '%s\n' '# defaults of the package' PROV_CERT=/etc/certs OUTPUT_CERTS=/etc/certs > "$R/var/lib/istio/envoy/sidecar.env"
chown -R 1337:1337 "$R/var/lib/istio"
cat > "$R/local/lib/start-istio" <<'S'
#!/bin/sh
# Simulates systemd with the unit of Istio's package and the drop-in of the bundle.
set -eu
if [ -s /run/istio.pid ]; then kill -9 -- "-$(cat /run/istio.pid)" 2>/dev/null || true; fi
conf=/etc/systemd/system/istio.service.d/10-kubectl-mesh.conf
grep '^ExecStartPre=+' "$conf" | cut -d+ -f2- | sh -eu
cd /
# shellcheck disable=SC2046 # KEY=value words
env $(grep '^Environment=' "$conf" | cut -d= -f2-) setsid /usr/local/bin/istio-start.sh < /dev/null > /var/log/istio/start.log 2>&1 &
echo $! > /run/istio.pid
S
chmod 755 "$R/local/lib/start-istio"
cp -r "$bundle" "$R/root/bundle"
machine sh /root/bundle/install.sh > "$R/../install.log" 2>&1 || { cat "$R/../install.log" >&2; exit 1; }
[ $# -eq 0 ] || { ip netns exec "$n" "$@" > "$R/../app.log" 2>&1 & }
ready; echo "$n"

#!/usr/bin/env bash
# Runs istiod as a process of the host for a cluster of up.sh. It reads the Secret `cacerts` at its start. A second call restarts it.
# usage: istiod.sh DIR NAME PORT [ENV=VALUE...]
#   on 127.0.0.1: plaintext xDS on PORT, xDS with TLS on PORT+2, metrics on PORT+4, webhooks on PORT+7, HTTP (/ready, /debug) on PORT+8
#   ENV includes POD_NAMESPACE (default istio-system), REVISION (default `default`) and CLUSTER_ID (default NAME)
set -euo pipefail
. "$(dirname "$0")/lib.sh"; DIR=$1 name=$2 port=$3; shift 3
ns=istio-system id=$name
for kv in "$@"; do case $kv in POD_NAMESPACE=*) ns=${kv#*=} ;; CLUSTER_ID=*) id=${kv#*=} ;; esac; done
umask 077; w=$DIR/$name/istiod-$port; mkdir -p "$w"; cd "$w"; kc=$DIR/$name/kubeconfig
if [ -f pid ]; then kill -9 "$(cat pid)" 2>/dev/null || true; rm -rf cacerts; fi
kubectl --kubeconfig "$kc" -n "$ns" get secret cacerts -o json --ignore-not-found | python3 "$LAB/secret-files.py" cacerts
env POD_NAME=istiod-0 POD_NAMESPACE="$ns" REVISION=default CLUSTER_ID="$id" PILOT_CERT_PROVIDER=istiod ROOT_CA_DIR="$w/cacerts" \
  ENABLE_LEADER_ELECTION=false "$@" "${PILOT_DISCOVERY:-$BIN/pilot-discovery}" discovery --kubeconfig "$kc" --clusterID "$id" -n "$ns" \
  --meshConfig "$w/nomesh" --networksConfig "$w/nonet" --grpcAddr "127.0.0.1:$port" --secureGRPCAddr "127.0.0.1:$((port+2))" \
  --monitoringAddr "127.0.0.1:$((port+4))" --httpsAddr "127.0.0.1:$((port+7))" --httpAddr "127.0.0.1:$((port+8))" --ctrlz_port 0 > log 2>&1 &
echo $! > pid; echo $! >> "$DIR/pids"
for _ in $(seq 300); do
  ! curl -fsS "http://127.0.0.1:$((port+8))/ready" >/dev/null 2>&1 || exit 0
  kill -0 "$(cat pid)" 2>/dev/null || break; sleep 0.2
done
echo "istiod of $name is not ready after 60 s:" >&2; tail -5 log >&2; exit 1

#!/usr/bin/env bash
# Runs Flux's source-controller and kustomize-controller as processes of the host for a cluster of up.sh, and installs their definitions.
# usage: flux.sh DIR NAME PORT
#   on 127.0.0.1: archives of sources on PORT, metrics on PORT+1 and PORT+3, /readyz on PORT+2 and PORT+4
set -euo pipefail
. "$(dirname "$0")/lib.sh"; DIR=$1 name=$2 port=$3
umask 077; w=$DIR/$name/flux; mkdir -p "$w/storage"; kc=$DIR/$name/kubeconfig
kubectl --kubeconfig "$kc" apply --server-side -f "$FLUX/crds.yaml" >/dev/null
kubectl --kubeconfig "$kc" wait --for=condition=Established --timeout=30s -f "$FLUX/crds.yaml" >/dev/null
kubectl --kubeconfig "$kc" create namespace flux-system >/dev/null
# start CONTROLLER METRICS-PORT HEALTH-PORT [FLAG...]
start() {
  env KUBECONFIG="$kc" RUNTIME_NAMESPACE=flux-system "$FLUX/$1" --metrics-addr "127.0.0.1:$2" --health-addr "127.0.0.1:$3" --events-addr '' \
    --requeue-dependency 1s "${@:4}" > "$w/$1.log" 2>&1 & # by default, a Kustomization waits 30 s for the next look at the one before it
  echo $! >> "$DIR/pids"; echo $! > "$w/$1.pid"
}
start source-controller $((port+1)) $((port+2)) --storage-path "$w/storage" --storage-addr "127.0.0.1:$port" --storage-adv-addr "127.0.0.1:$port"
start kustomize-controller $((port+3)) $((port+4))
for controller in source kustomize; do
  [ $controller = source ] && health=$((port+2)) || health=$((port+4))
  for n in $(seq 300); do
    ! curl -fsS "http://127.0.0.1:$health/readyz" >/dev/null 2>&1 || break
    [ "$n" -lt 300 ] && kill -0 "$(cat "$w/$controller-controller.pid")" 2>/dev/null ||
      { echo "$controller-controller of $name is not ready:" >&2; tail -5 "$w/$controller-controller.log" >&2; exit 1; }
    sleep 0.2
  done
done

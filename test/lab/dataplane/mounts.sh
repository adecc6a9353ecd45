#!/usr/bin/env bash
# Updates the files that istiod and the pods of a cluster mount, like a kubelet: cacerts and istio-ca-root-cert. Runs until it is stopped.
# usage: dataplane/mounts.sh DIR CLUSTER
set -euo pipefail
. "$(dirname "$0")/lib.sh"; indp "$@"; DIR=$1 c=$2; NS=${NS:-istio-system}; k="kubectl --kubeconfig $DIR/$c/kubeconfig"
while [ -d "$DIR/$c" ]; do
  { $k -n "$NS" get secret cacerts -o json; echo; $k get cm -A --field-selector metadata.name=istio-ca-root-cert -o json; } 2>/dev/null |
    python3 "$DATAPLANE/mounts.py" "$DIR/$c" || true
  sleep 2
done

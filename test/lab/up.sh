#!/usr/bin/env bash
# Starts Kubernetes control planes (etcd, kube-apiserver, controller-manager, scheduler, and kwok instead of kubelets) on loopback.
# usage: up.sh DIR NAME...      prints DIR/kubeconfig (one context per NAME; DIR/NAME/kubeconfig has only that one); process IDs are in DIR/pids
# environment: LAB_PORT (default 16440; cluster i uses LAB_PORT+4i to LAB_PORT+4i+3), LAB_APISERVER_FLAGS, LAB_KWOK (stages of kwok)
set -euo pipefail
. "$(dirname "$0")/lib.sh"; DIR=$1; shift
umask 077; mkdir -p "$DIR"; chmod 711 "$DIR"; : > "$DIR/pids"   # 711: sidecars do not run as root, and must reach their folders in it
started() { echo "$1" >> "$DIR/pids"; }
port=${LAB_PORT:-16440}

i=0; for name in "$@"; do
  d=$DIR/$name; mkdir -p "$d"; chmod 711 "$d"; api=$((port+4*i)) etcd=$((port+4*i+1)) peer=$((port+4*i+2))
  openssl genrsa -out "$d/sa.key" 2048 2>/dev/null
  openssl rand -hex 16 > "$d/token"; echo "$(cat "$d/token"),admin,admin,system:masters" > "$d/tokens.csv"
  etcd --name "$name" --data-dir "$d/etcd" --listen-client-urls "http://127.0.0.1:$etcd" --advertise-client-urls "http://127.0.0.1:$etcd" \
    --listen-peer-urls "http://127.0.0.1:$peer" --unsafe-no-fsync > "$d/etcd.log" 2>&1 & started $!
  # shellcheck disable=SC2086 # several flags in one variable
  kube-apiserver --etcd-servers "http://127.0.0.1:$etcd" --secure-port "$api" --bind-address 127.0.0.1 --advertise-address 127.0.0.1 \
    --endpoint-reconciler-type=none --cert-dir "$d/certs" --service-cluster-ip-range "10.$((96+i)).0.0/16" --authorization-mode RBAC \
    --token-auth-file "$d/tokens.csv" --service-account-key-file "$d/sa.key" --service-account-signing-key-file "$d/sa.key" \
    --service-account-issuer https://kubernetes.default.svc --allow-privileged=true ${LAB_APISERVER_FLAGS:-} > "$d/apiserver.log" 2>&1 & started $!
  i=$((i+1))
done

clusters='' contexts='' users=''
i=0; for name in "$@"; do
  d=$DIR/$name; api=$((port+4*i))
  for _ in $(seq 300); do [ ! -s "$d/certs/apiserver.crt" ] || break; sleep 0.1; done
  # The file also contains the CA of the API server's self-signed certificate.
  awk '/BEGIN CERT/{n++} n' "$d/certs/apiserver.crt" > "$d/ca.pem"
  clusters+=$'\n'"- {name: $name, cluster: {server: 'https://127.0.0.1:$api', certificate-authority-data: $(base64 -w0 "$d/ca.pem")}}"
  contexts+=$'\n'"- {name: $name, context: {cluster: $name, user: admin-$name}}"
  users+=$'\n'"- {name: admin-$name, user: {token: $(cat "$d/token")}}"
  i=$((i+1))
done
kubeconfig() { printf 'apiVersion: v1\nkind: Config\ncurrent-context: %s\nclusters:%s\ncontexts:%s\nusers:%s\n' "$1" "$clusters" "$contexts" "$users"; }
kubeconfig "$1" > "$DIR/kubeconfig"
for name in "$@"; do
  kubectl --kubeconfig "$DIR/kubeconfig" --context "$name" config view --raw --minify > "$DIR/$name/kubeconfig"
done

i=0; for name in "$@"; do
  d=$DIR/$name; kc=$d/kubeconfig; kubelet=$((port+4*i+3))
  for n in $(seq 300); do
    ! kubectl --kubeconfig "$kc" get --raw /readyz >/dev/null 2>&1 || break
    [ "$n" -lt 300 ] || { echo "the API server of $name is not ready after 60 s:" >&2; tail -5 "$d/apiserver.log" >&2; exit 1; }; sleep 0.2
  done
  kube-controller-manager --kubeconfig "$kc" --service-account-private-key-file "$d/sa.key" --root-ca-file "$d/ca.pem" \
    --leader-elect=false --secure-port 0 > "$d/controller-manager.log" 2>&1 & started $!
  kubectl --kubeconfig "$kc" create -f "$SHARE/kwok-crds.yaml" >/dev/null
  kube-scheduler --kubeconfig "$kc" --leader-elect=false --secure-port 0 > "$d/scheduler.log" 2>&1 & started $!
  kwok --config "${LAB_KWOK:-$SHARE/kwok.yaml}" --kubeconfig "$kc" --manage-all-nodes --cidr "10.$((240+i)).0.0/16" --node-ip "127.0.0.$((10+i))" \
    --node-lease-duration-seconds 40 --node-port "$kubelet" --server-address "127.0.0.$((10+i)):$kubelet" --enable-crds PortForward,Exec \
    --tls-cert-file "$d/certs/apiserver.crt" --tls-private-key-file "$d/certs/apiserver.key" > "$d/kwok.log" 2>&1 & started $!
  for n in 1 2; do cat <<Y
---
apiVersion: v1
kind: Node
metadata: {name: $name-node-$n, labels: {kubernetes.io/hostname: $name-node-$n, type: kwok}, annotations: {kwok.x-k8s.io/node: fake}}
status:
  allocatable: {cpu: "32", memory: 256Gi, pods: "1000"}
  capacity: {cpu: "32", memory: 256Gi, pods: "1000"}
Y
  done | kubectl --kubeconfig "$kc" create -f - >/dev/null
  i=$((i+1))
done
# A namespace is ready when the controller-manager has created its default service account, which pods require.
for name in "$@"; do for _ in $(seq 100); do ! kubectl --kubeconfig "$DIR/$name/kubeconfig" get sa default >/dev/null 2>&1 || break; sleep 0.1; done; done
echo "$DIR/kubeconfig"

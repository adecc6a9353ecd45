#!/usr/bin/env bash
# Starts a pod: a network namespace with the IP address of the pod, the rules of istio-init, istio-proxy (pilot-agent and Envoy), the application.
# usage: dataplane/pod.sh DIR CLUSTER NS POD|LABEL=VALUE [app command...]     default app: hello.py on each containerPort
# Prints the network namespace. Without an istio-proxy container, only the application is started. A second call restarts the pod.
set -euo pipefail
. "$(dirname "$0")/lib.sh"; indp "$@"; DIR=$1 c=$2 NS=$3 pod=$4; shift 4; k="kubectl --kubeconfig $DIR/$c/kubeconfig -n $NS"
# The newest pod: after a restart, the old one may still be listed.
newest='-o jsonpath={.items[-1:].metadata.name} --sort-by=.metadata.creationTimestamp'
# shellcheck disable=SC2086 # several words in one variable
case $pod in *=*) until_ok 60 sh -c "$k get pod -l $pod -o name | grep ."; pod=$($k get pod -l "$pod" $newest) ;; esac
until_ok 60 sh -c "$k get pod $pod -o jsonpath='{.status.podIP}' | grep ."
n=$P-$c-$pod w=$DIR/$c/pods/$pod
mkdir -p "$DIR/$c/pods"; chmod 711 "$DIR/$c/pods"; umask 077
mkdir -p "$w"/{etc/istio/proxy,etc/istio/pod,var/run/secrets/tokens,var/run/secrets/istio,var/lib/istio}; cd "$w"
nskill "$n"
$k get pod "$pod" -o json > pod.json
get() { python3 -c "import json; p=json.load(open('pod.json')); s=p['spec']; C=s['containers']+s.get('initContainers',[]); print($1)"; }
has() { [ "$(get "any(x['name']=='$1' for x in C)")" = True ]; }
IP=$(get "p['status']['podIP']"); i=$(cidx "$DIR" "$c")
nsadd "$n"; (umask 022; mkdir -p "/etc/netns/$n"; : > "/etc/netns/$n/hosts"; echo 'nameserver 127.0.0.1' > "/etc/netns/$n/resolv.conf"); "$DATAPLANE/hosts.sh" "$DIR" "$c"
plug "$n" eth0 "br-$c" "$IP/16"; ip -n "$n" route add default via "10.$((240+i)).255.254"
if has istio-proxy; then
  for init in istio-init istio-validation; do
    if has $init; then ip netns exec "$n" python3 "$DATAPLANE/podexec.py" pod.json $init "$BIN/pilot-agent" > iptables.log 2>&1; break; fi
  done
  until_ok 60 sh -c "$k get cm istio-ca-root-cert"
  $k get cm istio-ca-root-cert -o jsonpath='{.data.root-cert\.pem}' > var/run/secrets/istio/root-cert.pem
  $k create token "$(get "s.get('serviceAccountName','default')")" --audience istio-ca --duration 12h --bound-object-kind Pod --bound-object-name "$pod" > var/run/secrets/tokens/istio-token
  get "'\n'.join(f'{a}=\"{b}\"' for a,b in p['metadata'].get('labels',{}).items())" > etc/istio/pod/labels
  get "'\n'.join(f'{a}={json.dumps(b)}' for a,b in p['metadata'].get('annotations',{}).items())" > etc/istio/pod/annotations
  cp "$SHARE/istio/envoy_bootstrap.json" var/lib/istio/bootstrap.json
  : > proxy.log; chown -R 1337:1337 . # Envoy reopens /dev/stdout for its access log
  RUN_AS=1337 ip netns exec "$n" python3 "$DATAPLANE/podexec.py" pod.json istio-proxy "$BIN/pilot-agent" \
    "PROXY_CONFIG={\"binaryPath\":\"$BIN/envoy\"}" -- --templateFile var/lib/istio/bootstrap.json --concurrency 1 >> proxy.log 2>&1 &
fi
if [ $# -gt 0 ]; then ip netns exec "$n" "$@" > app.log 2>&1 &
else
  v=$(get "p['metadata'].get('labels',{}).get('version','none')")
  for port in $(get "' '.join(str(q['containerPort']) for x in s['containers'] if x['name']!='istio-proxy' for q in x.get('ports',[]))"); do
    ip netns exec "$n" python3 "$DATAPLANE/hello.py" "$port" "$v" "$pod" > app.log 2>&1 &
  done
fi
if [ -s var/run/secrets/tokens/istio-token ] && ! until_ok "${READY_TRIES:-100}" ip netns exec "$n" curl -fsS http://127.0.0.1:15021/healthz/ready; then
  grep -hE 'rejected|error' proxy.log | grep -v 'NOT ready' | cut -c1-300 | tail -3 >&2; echo "$n is not ready" >&2; exit 1
fi
echo "$n"

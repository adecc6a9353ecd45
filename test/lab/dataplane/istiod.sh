#!/usr/bin/env bash
# Be the istiod pod that the manifest's Deployment made: same args and env, on the pod's IP (so webhooks, services, proxies reach it).
# A second run replaces the first. usage: dataplane/istiod.sh DIR CLUSTER [ENV=VALUE...]     from the environment: REV=default, NS=istio-system
set -euo pipefail
. "$(dirname "$0")/lib.sh"; indp "$@"; DIR=$1 c=$2; shift 2; NS=${NS:-istio-system} REV=${REV:-default}
umask 077; w=$DIR/$c/istiod-$REV sel=app=istiod,istio.io/rev=$REV; mkdir -p "$w"; cd "$w"
k="kubectl --kubeconfig $DIR/$c/kubeconfig -n $NS"
if [ -f pid ]; then kill -9 "$(cat pid)" 2>/dev/null || true; rm -rf cacerts; fi
until_ok 60 sh -c "$k get pod -l $sel -o jsonpath='{.items[0].status.podIP}' | grep ."
$k get pod -l "$sel" -o json | python3 -c 'import json,sys; json.dump(json.load(sys.stdin)["items"][0], open("pod.json","w"))'
IP=$(python3 -c 'import json; print(json.load(open("pod.json"))["status"]["podIP"])'); echo "$IP" > ip
ip addr replace "$IP/32" dev "br-$c"
# the secret volume at /etc/cacerts (without it istiod signs with a root of its own)
$k get secret cacerts -o json --ignore-not-found | python3 "$LAB/secret-files.py" cacerts
# what vanilla Envoy lacks (istio.alpn, istio.metadata_exchange) stays out of the configuration
python3 "$DATAPLANE/podexec.py" pod.json discovery "$BIN/pilot-discovery" KUBECONFIG= "ROOT_CA_DIR=$w/cacerts" ENABLE_LEADER_ELECTION=false \
  PILOT_ENABLE_ALPN_FILTER=false PILOT_ENABLE_METADATA_EXCHANGE=false PILOT_DISABLE_MX_ALPN=true "$@" -- \
  --kubeconfig "$DIR/$c/kubeconfig" --meshConfig "$w/nomesh" --networksConfig "$w/nonet" --ctrlz_port 0 --grpcAddr "$IP:15010" \
  --secureGRPCAddr "$IP:15012" --httpAddr "$IP:8080" --httpsAddr "$IP:15017" --monitoringAddr "$IP:15014" > log 2>&1 &
echo $! > pid; echo $! >> "$DIR/pids"
until_ok 200 curl -fsS "http://$IP:8080/ready" || { tail -5 log >&2; exit 1; }
until_ok 60 sh -c "$k get cm istio-ca-root-cert"
# the webhook answers from here on: istiod has written its authority into it
until_ok 60 sh -c "! $k get mutatingwebhookconfiguration -l istio.io/rev=$REV -o json | grep -q '\"caBundle\": \"\"'"
echo "$IP"

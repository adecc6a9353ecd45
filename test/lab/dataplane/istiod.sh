#!/usr/bin/env bash
# Runs istiod with the arguments and environment of its pod, on the IP address of the pod, so that webhooks, Services and proxies reach it.
# A second call restarts it. usage: dataplane/istiod.sh DIR CLUSTER [ENV=VALUE...]     environment: REV (default `default`), NS (default istio-system), PILOT_DISCOVERY (another istiod)
set -euo pipefail
. "$(dirname "$0")/lib.sh"; indp "$@"; DIR=$1 c=$2; shift 2; NS=${NS:-istio-system} REV=${REV:-default}
umask 077; w=$DIR/$c/istiod-$REV sel=app=istiod,istio.io/rev=$REV; mkdir -p "$w"; cd "$w"
k="kubectl --kubeconfig $DIR/$c/kubeconfig -n $NS"
if [ -f pid ]; then kill -9 "$(cat pid)" 2>/dev/null || true; rm -rf cacerts; fi
until_ok 60 sh -c "$k get pod -l $sel -o jsonpath='{.items[0].status.podIP}' | grep ."
$k get pod -l "$sel" -o json | python3 -c 'import json,sys; json.dump(json.load(sys.stdin)["items"][0], open("pod.json","w"))'
IP=$(python3 -c 'import json; print(json.load(open("pod.json"))["status"]["podIP"])'); echo "$IP" > ip
ip addr replace "$IP/32" dev "br-$c"
# The volume of the Secret at /etc/cacerts. Without it, istiod creates a self-signed root.
$k get secret cacerts -o json --ignore-not-found | python3 "$LAB/secret-files.py" cacerts
# Upstream Envoy lacks the filters istio.alpn and istio.metadata_exchange, so they are disabled.
python3 "$DATAPLANE/podexec.py" pod.json discovery "${PILOT_DISCOVERY:-$BIN/pilot-discovery}" KUBECONFIG= "ROOT_CA_DIR=$w/cacerts" ENABLE_LEADER_ELECTION=false \
  PILOT_ENABLE_ALPN_FILTER=false PILOT_ENABLE_METADATA_EXCHANGE=false PILOT_DISABLE_MX_ALPN=true "$@" -- \
  --kubeconfig "$DIR/$c/kubeconfig" --meshConfig "$w/nomesh" --networksConfig "$w/nonet" --ctrlz_port 0 --grpcAddr "$IP:15010" \
  --secureGRPCAddr "$IP:15012" --httpAddr "$IP:8080" --httpsAddr "$IP:15017" --monitoringAddr "$IP:15014" > log 2>&1 &
echo $! > pid; echo $! >> "$DIR/pids"
until_ok 200 curl -fsS "http://$IP:8080/ready" || { tail -5 log >&2; exit 1; }
until_ok 60 sh -c "$k get cm istio-ca-root-cert"
# The webhook works as soon as istiod has set its caBundle.
until_ok 60 sh -c "! $k get mutatingwebhookconfiguration -l istio.io/rev=$REV -o json | grep -q '\"caBundle\": \"\"'"
echo "$IP"

#!/usr/bin/env bash
# Starts all injected pods of a cluster that do not run yet, and assigns addresses to LoadBalancer Services without one.
# usage: dataplane/real.sh DIR CLUSTER      prints a line per pod ("pod NETNS") and per Service ("service NAME.NAMESPACE IP")
set -euo pipefail
. "$(dirname "$0")/lib.sh"; indp "$@"; DIR=$1 c=$2; k="kubectl --kubeconfig $DIR/$c/kubeconfig"; i=$(cidx "$DIR" "$c")
$k get pod -A -o json | python3 -c '
import json,sys
for p in json.load(sys.stdin)["items"]:
    s=p["spec"]; C=s["containers"]+s.get("initContainers",[])
    if any(x["name"]=="istio-proxy" for x in C) and p["status"].get("podIP") and not p["metadata"].get("deletionTimestamp"): print(p["metadata"]["namespace"],p["metadata"]["name"])' > "$DIR/$c/real-pods"
while read -r ns pod; do n=$P-$c-$pod
  if [ -e "/run/netns/$n" ] && ip netns pids "$n" | grep -q .; then continue; fi
  n=$("$DATAPLANE/pod.sh" "$DIR" "$c" "$ns" "$pod" < /dev/null); echo "pod $n"
done < "$DIR/$c/real-pods"
$k get svc -A -o json | python3 -c '
import json,sys
for s in json.load(sys.stdin)["items"]:
    if s["spec"]["type"]=="LoadBalancer" and not s["status"].get("loadBalancer",{}).get("ingress"): print(s["metadata"]["namespace"],s["metadata"]["name"],",".join(f"{a}={b}" for a,b in s["spec"]["selector"].items()))' > "$DIR/$c/real-services"
while read -r ns svc sel; do
  last=$(cat "$DIR/$c/last-address" 2>/dev/null || echo 0); ip=203.0.113.$((121+i*20+last)); echo $((last+1)) > "$DIR/$c/last-address"
  "$DATAPLANE/lb.sh" "$DIR" "$c" "$ns" "$svc" "$ip" "$sel" < /dev/null; echo "service $svc.$ns $ip"
done < "$DIR/$c/real-services"

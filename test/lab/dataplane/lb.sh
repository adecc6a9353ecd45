#!/usr/bin/env bash
# Simulates the load balancer of a cloud: assigns an address to a Service and forwards its ports to one pod (DNAT in the cluster's router).
# usage: dataplane/lb.sh DIR CLUSTER NS SERVICE IP POD|LABEL=VALUE
set -euo pipefail
. "$(dirname "$0")/lib.sh"; indp "$@"; DIR=$1 c=$2 NS=$3 svc=$4 IP=$5 pod=$6; k="kubectl --kubeconfig $DIR/$c/kubeconfig -n $NS"; r=$P-rt-$c
case $pod in *=*) pod=$($k get pod -l "$pod" --sort-by=.metadata.creationTimestamp -o jsonpath='{.items[-1:].metadata.name}') ;; esac
pip=$($k get pod "$pod" -o jsonpath='{.status.podIP}')
$k patch svc "$svc" --subresource=status --type=merge -p "{\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"$IP\"}]}}}" >/dev/null
nat() { nsenter --net="/run/netns/$r" iptables -t nat "$@"; }
# As with a load balancer, each new connection finds a pod, and existing connections stay: the rules of an earlier call are removed last.
old=$(nat -S PREROUTING | grep -- "-d $IP/32 " | sed 's/^-A/-D/' || true)
ip -n "$r" addr replace "$IP/24" dev wan
$k get svc "$svc" -o jsonpath='{range .spec.ports[*]}{.port} {.targetPort}{"\n"}{end}' | while read -r p t; do
  nat -A PREROUTING -d "$IP" -p tcp --dport "$p" -j DNAT --to-destination "$pip:$t"; done
# shellcheck disable=SC2086 # the words of a rule
printf '%s\n' "$old" | while read -r rule; do [ -z "$rule" ] || nat $rule; done

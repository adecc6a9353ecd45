import {istiodHost} from '../../../mesh/objects-expose-istiod.ts'
import {shellWord} from '../../../spec/read.ts'
import type {BundleSource} from './source.ts'

/** Where the helper lies on the machine. */
export const helperPath = '/usr/local/sbin/kubectl-mesh-vm'

/**
 * The program that stays on the machine: puts the token where the agent looks for it (a tmpfs, empty after a reboot), keeps
 * istiod's address in `/etc/hosts`, takes a new token over stdin, and tells when the membership is about to end.
 */
export function helperScript(source: BundleSource): string {
  const {name, namespace, gateway, plane} = source
  return `#!/bin/sh
# Keeps this machine a member of the mesh. Written by \`kubectl mesh vm register\`; install.sh puts it here and takes it away.
# usage: kubectl-mesh-vm prepare   put the token and istiod's address where they are looked for (istio.service, at each start)
#        kubectl-mesh-vm check     the same, and fail with what to do if the membership is about to end (by a timer)
#        kubectl-mesh-vm renew     take a token from stdin, and after it a root certificate in PEM, if that changed too
set -eu
vm=${shellWord(name)}
namespace=${shellWord(namespace)}
istiod=${shellWord(istiodHost(plane))}
gateway=${shellWord(gateway.hostName ?? '') || "''"}
state=/var/lib/kubectl-mesh
tokens=/var/run/secrets/tokens
begin="# begin kubectl-mesh $vm"
end="# end kubectl-mesh $vm"
umask 077

die() { echo "kubectl-mesh-vm: $1" >&2; shift; for hint in "$@"; do echo "hint: $hint" >&2; done; exit 1; }

# /var/run is a tmpfs: what lay there is gone after a reboot
put_token() {
  install -d -o istio-proxy -m 0755 /var/run/secrets
  install -d -o istio-proxy -m 0700 "$tokens"
  cmp -s "$state/istio-token" "$tokens/istio-token" 2>/dev/null || install -o istio-proxy -m 0600 "$state/istio-token" "$tokens/istio-token"
}

# the load balancer's addresses may change behind its name; without an answer the old ones stay
put_hosts() {
  if [ -n "$gateway" ]; then
    found=$(getent ahosts "$gateway" | awk '{print $1}' | sort -u) || found=
    if [ -n "$found" ]; then for ip in $found; do echo "$ip $istiod"; done > "$state/hosts"; fi
  fi
  grep -v '^#' "$state/hosts" | grep -q . || die "$gateway has no address here" "see that this machine can resolve it, or make the bundle again with --gateway-address"
  { awk -v b="$begin" -v e="$end" '$0 == b {skip = 1} !skip {print} $0 == e {skip = 0}' /etc/hosts; echo "$begin"; cat "$state/hosts"; echo "$end"; } > "$state/hosts.new"
  # written into, not replaced: in some images /etc/hosts is a mount
  cmp -s "$state/hosts.new" /etc/hosts || cat "$state/hosts.new" > /etc/hosts
  rm -f "$state/hosts.new"
}

# seconds since 1970 at which the token ends, 0 if it does not say
token_end() {
  payload=$(cut -d. -f2 "$state/istio-token" | tr '_-' '/+')
  while [ $(( \${#payload} % 4 )) -ne 0 ]; do payload="$payload="; done
  end_at=$(printf %s "$payload" | base64 -d 2>/dev/null | grep -o '"exp":[0-9]*' | cut -d: -f2) || end_at=
  echo "\${end_at:-0}"
}

prepare() { put_token; put_hosts; }

check() {
  prepare
  again="kubectl mesh vm renew $vm -n $namespace --ssh THIS-MACHINE"
  left=$(( $(token_end) - $(date +%s) ))
  cert=/etc/certs/cert-chain.pem
  if [ ! -s "$cert" ]; then
    [ "$left" -gt 0 ] || die 'there is no certificate, and the token has ended' "$again"
    echo 'no certificate yet; the token is good'
  elif ! openssl x509 -checkend 0 -noout -in "$cert" >/dev/null; then
    [ "$left" -gt 0 ] || die 'the certificate and the token have ended' "$again"
    echo 'the certificate has ended; the token is good for a new one'
  elif ! openssl x509 -checkend 3600 -noout -in "$cert" >/dev/null; then
    # the agent renews when half of the time is over: an hour before the end it has failed many times
    [ "$left" -gt 0 ] || die 'the certificate ends within the hour and was not renewed, and the token has ended' "$again" 'journalctl -u istio tells why'
    echo 'the certificate ends within the hour; the token is good for a new one'
  else
    echo 'the certificate is good; the agent renews it with itself'
  fi
}

renew() {
  cat > "$state/renew.new"
  awk '/-----BEGIN CERTIFICATE-----/ {pem = 1} !pem' "$state/renew.new" > "$state/istio-token.new"
  awk '/-----BEGIN CERTIFICATE-----/ {pem = 1} pem' "$state/renew.new" > "$state/root-cert.new"
  rm -f "$state/renew.new"
  grep -q '^[^.]*[.][^.]*[.][^.]*$' "$state/istio-token.new" || { rm -f "$state/istio-token.new" "$state/root-cert.new"; die 'stdin holds no token'; }
  mv "$state/istio-token.new" "$state/istio-token"
  restart=
  if [ -s "$state/root-cert.new" ] && ! cmp -s "$state/root-cert.new" /etc/certs/root-cert.pem; then
    install -o istio-proxy -m 0644 "$state/root-cert.new" /etc/certs/root-cert.pem
    restart=yes
  fi
  rm -f "$state/root-cert.new"
  prepare
  # a running agent reads the token when it needs it
  if [ -n "$restart" ] || ! systemctl is-active --quiet istio; then systemctl restart istio; fi
  echo "renewed: $vm"
}

case \${1:-} in
  prepare|check|renew) ;;
  *) die "usage: kubectl-mesh-vm prepare|check|renew" ;;
esac
[ -s "$state/istio-token" ] || [ "$1" = renew ] || die "there is no token in $state" 'run install.sh of the bundle'
"$1"
`
}

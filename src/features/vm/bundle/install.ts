import {shellWord} from '../../../spec/read.ts'
import type {BundleSource} from './source.ts'

/**
 * `install.sh`: checks first and tells all that is wrong at once, says what it does, may be run again, and takes away what
 * it put there. Needs Istio's package on the machine (pilot-agent, envoy, istio-start.sh, unit istio, user istio-proxy).
 */
export function installScript(source: BundleSource): string {
  const {name, namespace} = source
  return `#!/bin/sh
# Makes this machine the member ${name} (namespace ${namespace}) of the mesh. Written by \`kubectl mesh vm register\`.
# usage: install.sh [install|check|uninstall]      install may be run again; uninstall leaves the machine as it was
set -eu
vm=${shellWord(name)}
namespace=${shellWord(namespace)}
state=/var/lib/kubectl-mesh
here=$(cd "$(dirname "$0")" && pwd)
umask 077

say() { echo "install.sh: $*"; }
problems=0
problem() { echo "error: $1" >&2; problems=$((problems + 1)); [ $# -lt 2 ] || echo "hint:  $2" >&2; }

check() {
  if [ "$(id -u)" != 0 ]; then problem 'this must be run as root' "sudo sh $0"; fi
  for command in awk base64 cmp getent grep install openssl sudo systemctl; do
    command -v "$command" >/dev/null || problem "the command $command is missing" 'install it with the package manager of this machine'
  done
  for file in pilot-agent envoy istio-start.sh; do
    [ -x "/usr/local/bin/$file" ] || problem "/usr/local/bin/$file is missing" "install Istio's package istio-sidecar, of istiod's version"
  done
  getent passwd istio-proxy >/dev/null || problem 'the user istio-proxy is missing' "Istio's package istio-sidecar makes it"
  systemctl cat istio.service >/dev/null 2>&1 || problem 'the systemd unit istio is missing' "Istio's package istio-sidecar brings it"
  for file in cluster.env mesh.yaml root-cert.pem istio-token hosts kubectl-mesh-vm istio.conf kubectl-mesh-vm.service kubectl-mesh-vm.timer; do
    [ -s "$here/$file" ] || problem "$here/$file is missing or empty" 'copy the whole bundle'
  done
  if [ -s "$state/vm" ] && [ "$(cat "$state/vm")" != "$namespace/$vm" ]; then
    problem "this machine is $(cat "$state/vm") already" 'uninstall that first, with its own install.sh'
  fi
  [ "$problems" = 0 ] || exit 1
}

# make_folder PATH OWNER MODE: and remember it, if it was not there
make_folder() {
  if [ ! -d "$1" ]; then
    case $1 in "$state"/*) ;; *) echo "$1" >> "$state/folders" ;; esac
    install -d -o "$2" -m "$3" "$1"
  fi
}

changed=0
# put SOURCE TARGET OWNER MODE: what was there before is kept for uninstall
put() {
  if cmp -s "$1" "$2"; then say "unchanged $2"; return; fi
  if ! grep -qxF "$2" "$state/files" 2>/dev/null; then
    if [ -e "$2" ]; then
      mkdir -p "$state/before$(dirname "$2")"
      cp -p "$2" "$state/before$2"
    fi
    echo "$2" >> "$state/files"
  fi
  # renamed into place: what reads it never sees half of it
  install -o "$3" -m "$4" "$1" "$2.kubectl-mesh"
  mv "$2.kubectl-mesh" "$2"
  changed=1
  say "wrote $2"
}

# what came with the last bundle is not put again: the agent writes the root, and \`vm renew\` brings newer ones of both
is_new() { if cmp -s "$here/$1" "$state/bundle/$1"; then say "unchanged $1"; return 1; fi; }
remember() { install -D -m 0600 "$here/$1" "$state/bundle/$1"; }

do_install() {
  check
  mkdir -p "$state"
  chmod 0700 "$state"
  printf '%s' "$namespace/$vm" > "$state/vm"
  for folder in /var/lib/istio /var/lib/istio/envoy /etc/istio /etc/istio/config /etc/istio/proxy /etc/certs; do make_folder "$folder" istio-proxy 0755; done
  for folder in /etc/systemd/system/istio.service.d /usr/local/sbin; do make_folder "$folder" root 0755; done
  put "$here/cluster.env" /var/lib/istio/envoy/cluster.env istio-proxy 0644
  put "$here/mesh.yaml" /etc/istio/config/mesh istio-proxy 0644
  if is_new root-cert.pem; then put "$here/root-cert.pem" /etc/certs/root-cert.pem istio-proxy 0644; remember root-cert.pem; fi
  put "$here/kubectl-mesh-vm" /usr/local/sbin/kubectl-mesh-vm root 0755
  put "$here/istio.conf" /etc/systemd/system/istio.service.d/10-kubectl-mesh.conf root 0644
  put "$here/kubectl-mesh-vm.service" /etc/systemd/system/kubectl-mesh-vm.service root 0644
  put "$here/kubectl-mesh-vm.timer" /etc/systemd/system/kubectl-mesh-vm.timer root 0644
  install -m 0600 "$here/hosts" "$state/hosts"
  if is_new istio-token; then
    install -m 0600 "$here/istio-token" "$state/istio-token"
    remember istio-token
    say "wrote $state/istio-token"
  fi
  chown istio-proxy /etc/certs
  /usr/local/sbin/kubectl-mesh-vm prepare
  systemctl daemon-reload
  systemctl enable --quiet istio.service
  systemctl enable --quiet --now kubectl-mesh-vm.timer
  if [ "$changed" = 1 ] || ! systemctl is-active --quiet istio.service; then
    systemctl restart istio.service
    say "started istio.service: this machine is $vm in namespace $namespace"
  else
    say "nothing to do: this machine is $vm in namespace $namespace"
  fi
}

do_uninstall() {
  [ "$(id -u)" = 0 ] || { problem 'this must be run as root' "sudo sh $0 uninstall"; exit 1; }
  if [ ! -s "$state/vm" ]; then say 'nothing to do: this machine is no member of a mesh'; return; fi
  if [ "$(cat "$state/vm")" != "$namespace/$vm" ]; then problem "this machine is $(cat "$state/vm"), not $namespace/$vm" 'use the install.sh of that'; exit 1; fi
  systemctl disable --quiet --now kubectl-mesh-vm.timer || true
  systemctl disable --quiet --now istio.service || true
  # the machine's identity: the agent wrote it
  rm -f /etc/certs/cert-chain.pem /etc/certs/key.pem /var/run/secrets/tokens/istio-token
  rmdir /var/run/secrets/tokens 2>/dev/null || true
  awk -v b="# begin kubectl-mesh $vm" -v e="# end kubectl-mesh $vm" '$0 == b {skip = 1} !skip {print} $0 == e {skip = 0}' /etc/hosts > "$state/hosts.new"
  cmp -s "$state/hosts.new" /etc/hosts || cat "$state/hosts.new" > /etc/hosts
  while read -r file; do
    rm -f "$file"
    if [ -e "$state/before$file" ]; then cp -p "$state/before$file" "$file"; fi
    say "removed $file"
  done < "$state/files"
  if [ -e "$state/folders" ]; then awk '{line[NR] = $0} END {for (n = NR; n > 0; n--) print line[n]}' "$state/folders" | while read -r folder; do rmdir "$folder" 2>/dev/null || true; done; fi
  rm -rf "$state"
  systemctl daemon-reload
  say "this machine has left the mesh; in the cluster: kubectl mesh vm remove $vm -n $namespace"
}

case \${1:-install} in
  install) do_install ;;
  check) check; say 'all is there' ;;
  uninstall) do_uninstall ;;
  *) echo "usage: $0 [install|check|uninstall]" >&2; exit 2 ;;
esac
`
}

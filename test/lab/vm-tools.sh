#!/usr/bin/env bash
# Downloads the programs that validate the files of a VM: cloud-init (from its Debian package) and ansible-core (from PyPI).
# usage: vm-tools.sh                 prints the folder; existing programs are not downloaded again
#        vm-tools.sh cloud-init ARGS | vm-tools.sh ansible-playbook ARGS     runs one of them
set -euo pipefail
. "$(dirname "$0")/lib.sh"
ANSIBLE_VERSION=2.19.14
T=$(dirname "$CACHE")/vm-tools-$ANSIBLE_VERSION
if [ ! -e "$T/done" ]; then
  if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then echo 'lab: apt-get is required to download cloud-init' >&2; exit 1; fi
  mkdir -p "$(dirname "$T")"; tmp=$(mktemp -d "$T.XXXXXX"); trap 'rm -rf "$tmp"' EXIT
  (cd "$tmp"; apt-get download -q cloud-init >/dev/null 2>&1 || { apt-get update -qq; apt-get download -q cloud-init >/dev/null 2>&1; }
    dpkg -x cloud-init_*.deb . ; rm cloud-init_*.deb)
  python3 -m pip install -q --root-user-action=ignore --target "$tmp/python" "ansible-core==$ANSIBLE_VERSION" jsonschema configobj oauthlib requests jsonpatch netifaces 2>/dev/null
  touch "$tmp/done"; chmod 755 "$tmp"; mv -T "$tmp" "$T" 2>/dev/null || [ -e "$T/done" ]
fi
export PYTHONPATH=$T/python:$T/usr/lib/python3/dist-packages
case ${1:-} in
  '') echo "$T" ;;
  cloud-init) shift; exec python3 -m cloudinit.cmd.main "$@" ;;
  ansible-playbook) shift; exec env ANSIBLE_LOCALHOST_WARNING=False ANSIBLE_INVENTORY_UNPARSED_WARNING=False python3 -m ansible playbook "$@" ;;
  *) echo "vm-tools.sh: unknown program: $1" >&2; exit 1 ;;
esac

#!/usr/bin/env bash
# Installs the packages that the lab requires in addition to Go and Node, with apt-get as root. Otherwise lists what is missing.
# usage: prepare.sh
set -euo pipefail
packages=()
need() { command -v "$1" >/dev/null || packages+=("$2"); } # COMMAND PACKAGE
need ip iproute2; need iptables iptables; need openssl openssl; need curl curl; need python3 python3; need git git; need nsenter util-linux
need shellcheck shellcheck; need systemd-analyze systemd; need setpriv util-linux; need dpkg dpkg
python3 -m pip --version >/dev/null 2>&1 || packages+=(python3-pip)
if [ ${#packages[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null 2>&1 ||
      { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null; }
  else
    echo "lab: packages not installed: ${packages[*]}" >&2
    echo "hint: as root: apt-get install -y --no-install-recommends ${packages[*]}" >&2
    exit 1
  fi
fi
command -v go >/dev/null || { echo 'lab: Go is not installed' >&2; echo 'hint: install Go 1.26 or later (https://go.dev/dl)' >&2; exit 1; }

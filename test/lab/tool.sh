#!/usr/bin/env bash
# Builds a tool for the release, or one that the tests run, from Go modules, once, and prints its path.
# usage: tool.sh quill|krew|validate-krew-manifest|sops|age-keygen
set -euo pipefail
. "$(dirname "$0")/lib.sh"
case ${1:-} in
  quill) module=quill package=github.com/anchore/quill/cmd/quill ;;
  krew | validate-krew-manifest) module=krew package=sigs.k8s.io/krew/cmd/$1 ;;
  sops) module=sops package=github.com/getsops/sops/v3/cmd/sops ;;
  age-keygen) module=sops package=filippo.io/age/cmd/age-keygen ;;
  *) echo 'usage: tool.sh quill|krew|validate-krew-manifest|sops|age-keygen' >&2; exit 2 ;;
esac
folder=$(dirname "$CACHE")/$module-$(sha256sum < "$LAB/tools/$module/go.sum" | cut -c1-12)
if [ ! -x "$folder/$1" ]; then
  echo "lab: building $1" >&2
  mkdir -p "$folder"; chmod 755 "$folder"
  exec 9> "$folder/lock"; flock 9
  if [ ! -x "$folder/$1" ]; then
    (cd "$LAB/tools/$module" && go build -mod=readonly -trimpath -ldflags '-s -w' -o "$folder/$1.new" "$package")
    mv "$folder/$1.new" "$folder/$1"
  fi
fi
echo "$folder/$1"

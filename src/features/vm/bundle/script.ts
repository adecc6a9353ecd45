import type {Files} from '../../../text/files.ts'
import type {BundleSource} from './source.ts'

/** A shell script that contains all files and runs install.sh with the arguments of the script. Contains the token. */
export function selfInstaller(source: BundleSource, files: Files): string {
  const parts = Object.entries(files).map(([name, {text}], at) => {
    const mark = `KUBECTL_MESH_FILE_${at}`
    const body = Buffer.from(text, 'utf8').toString('base64').replace(/.{76}/g, '$&\n')
    return `base64 -d > "$folder/${name}" <<'${mark}'\n${body}\n${mark}\n`
  })
  return `#!/bin/sh
# Adds this machine to the mesh as ${source.name} (namespace ${source.namespace}). Contains a token: keep this file secret.
# usage: sh install-${source.name}.sh [install|check|uninstall]
set -eu
umask 077
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${parts.join('')}sh "$folder/install.sh" "$@"
`
}

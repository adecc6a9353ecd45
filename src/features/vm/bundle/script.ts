import type {Files} from '../../../text/files.ts'
import type {BundleSource} from './source.ts'

/** One shell script that holds all files and runs install.sh with its own arguments. Holds the token. */
export function selfInstaller(source: BundleSource, files: Files): string {
  const parts = Object.entries(files).map(([name, {text}], at) => {
    const mark = `KUBECTL_MESH_FILE_${at}`
    const body = Buffer.from(text, 'utf8').toString('base64').replace(/.{76}/g, '$&\n')
    return `base64 -d > "$folder/${name}" <<'${mark}'\n${body}\n${mark}\n`
  })
  return `#!/bin/sh
# Makes this machine the member ${source.name} (namespace ${source.namespace}) of the mesh. Holds a token: keep it to yourself.
# usage: sh install-${source.name}.sh [install|check|uninstall]
set -eu
umask 077
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${parts.join('')}sh "$folder/install.sh" "$@"
`
}

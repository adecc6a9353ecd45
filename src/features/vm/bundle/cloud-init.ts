import type {Files} from '../../../text/files.ts'
import {dumpYaml} from '../../../text/yaml.ts'
import type {BundleSource} from './source.ts'

/** Folder on the machine that other formats put the files in; root's alone. */
export function machineFolder(name: string): string {
  return `/root/kubectl-mesh-${name}`
}

/** cloud-init user data (cloud-config, modules write_files and runcmd): the files, then install.sh. Holds the token. */
export function cloudInit(source: BundleSource, files: Files): string {
  const folder = machineFolder(source.name)
  const config = {
    write_files: Object.entries(files).map(([name, {text, mode}]) => ({
      path: `${folder}/${name}`,
      owner: 'root:root',
      permissions: `0${mode.toString(8)}`,
      content: text,
    })),
    // write_files makes folders by its umask
    runcmd: [
      ['chmod', '0700', folder],
      ['sh', `${folder}/install.sh`],
    ],
  }
  return `#cloud-config\n${dumpYaml(config)}`
}

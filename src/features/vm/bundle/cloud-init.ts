import type {Files} from '../../../text/files.ts'
import {dumpYaml} from '../../../text/yaml.ts'
import type {BundleSource} from './source.ts'

/** Folder on the machine for the files of the cloud-init and ansible formats. Only root has access. */
export function machineFolder(name: string): string {
  return `/root/kubectl-mesh-${name}`
}

/** cloud-init user data (cloud-config, modules write_files and runcmd) that writes the files and runs install.sh. Contains the token. */
export function cloudInit(source: BundleSource, files: Files): string {
  const folder = machineFolder(source.name)
  const config = {
    write_files: Object.entries(files).map(([name, {text, mode}]) => ({
      path: `${folder}/${name}`,
      owner: 'root:root',
      permissions: `0${mode.toString(8)}`,
      content: text,
    })),
    // write_files creates folders with the default umask.
    runcmd: [
      ['chmod', '0700', folder],
      ['sh', `${folder}/install.sh`],
    ],
  }
  return `#cloud-config\n${dumpYaml(config)}`
}

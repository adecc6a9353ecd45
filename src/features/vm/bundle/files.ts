import type {Files} from '../../../text/files.ts'
import {ansiblePlay} from './ansible.ts'
import {cloudInit} from './cloud-init.ts'
import {clusterEnv} from './cluster-env.ts'
import {helperScript} from './helper.ts'
import {hostsFile} from './hosts.ts'
import {installScript} from './install.ts'
import {meshYaml} from './mesh-config.ts'
import {selfInstaller} from './script.ts'
import type {BundleSource} from './source.ts'
import {checkService, checkTimer, dropIn} from './units.ts'

/** The form in which a machine gets its files. */
export type BundleFormat = 'files' | 'cloud-init' | 'ansible' | 'script'

/** The files that install.sh reads: the five of `istioctl x workload entry configure`, and those of kubectl-mesh. */
const machineFileNames = [
  ...['cluster.env', 'mesh.yaml', 'root-cert.pem', 'istio-token', 'hosts'],
  ...['install.sh', 'kubectl-mesh-vm', 'istio.conf', 'kubectl-mesh-vm.service', 'kubectl-mesh-vm.timer'],
] as const

/**
 * The names of the files of a bundle.
 *
 * @returns the names, and which of them starts the installation; every bundle of this format contains it
 */
export function bundleFileNames(name: string, format: BundleFormat): {names: readonly string[]; installer: string} {
  switch (format) {
    case 'files':
      return {names: machineFileNames, installer: 'install.sh'}
    case 'ansible':
      return {names: [...machineFileNames, 'play.yaml'], installer: 'install.sh'}
    case 'cloud-init':
      return {names: ['user-data'], installer: 'user-data'}
    case 'script':
      return {names: [`install-${name}.sh`], installer: `install-${name}.sh`}
  }
}

/** The files for a machine, by name. A file that contains the token has mode 0600. */
export function buildBundle(source: BundleSource, format: BundleFormat): Files {
  const files = machineFiles(source)
  switch (format) {
    case 'files':
      return files
    case 'ansible':
      return {...files, 'play.yaml': {text: ansiblePlay(source, files), mode: 0o644}}
    case 'cloud-init':
      return {'user-data': {text: cloudInit(source, files), mode: 0o600}}
    case 'script':
      return {[bundleFileNames(source.name, format).installer]: {text: selfInstaller(source, files), mode: 0o600}}
  }
}

function machineFiles(source: BundleSource): Record<(typeof machineFileNames)[number], Files[string]> {
  return {
    'cluster.env': {text: clusterEnv(source), mode: 0o644},
    'mesh.yaml': {text: meshYaml(source), mode: 0o644},
    'root-cert.pem': {text: source.rootCert, mode: 0o644},
    'istio-token': {text: source.token, mode: 0o600},
    hosts: {text: hostsFile(source), mode: 0o644},
    'install.sh': {text: installScript(source), mode: 0o700},
    'kubectl-mesh-vm': {text: helperScript(source), mode: 0o644},
    'istio.conf': {text: dropIn, mode: 0o644},
    'kubectl-mesh-vm.service': {text: checkService, mode: 0o644},
    'kubectl-mesh-vm.timer': {text: checkTimer, mode: 0o644},
  }
}

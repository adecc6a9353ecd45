import {istiodHost} from '../../mesh/objects-expose-istiod.ts'
import {dumpYaml} from '../../text/yaml.ts'
import {istiodPort} from './istio-workloads.ts'
import type {VmRegistration} from './spec.ts'

/** The result of a registration or a renewal on this machine. The keys are part of the JSON output. */
export interface VmReport {
  name: string
  namespace: string
  /** `spiffe://cluster.local/ns/vm/sa/web` */
  identity: string
  /** The host name and port at which the machine connects to istiod. */
  istiod: string
  folder: string
  files: string[]
  /** When the token expires. */
  tokenEnds: Date
  format: 'files' | 'cloud-init' | 'ansible' | 'script'
}

/** The part of the report that follows from the registration. */
export function vmReportOf(
  spec: VmRegistration,
  trustDomain: string,
): Pick<VmReport, 'name' | 'namespace' | 'format' | 'identity' | 'istiod'> {
  const {name, namespace, serviceAccount, format} = spec
  return {
    name,
    namespace,
    format,
    identity: `spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccount}`,
    istiod: `${istiodHost(spec)}:${istiodPort}`,
  }
}

/** The next step of the user. */
function nextStep({folder, format, name}: VmReport): string {
  switch (format) {
    case 'files':
      return `copy ${folder} to the machine and run there: sudo sh install.sh`
    case 'cloud-init':
      return `create the machine with ${folder}/user-data as its user data`
    case 'ansible':
      return `ansible-playbook -i INVENTORY ${folder}/play.yaml -e target=HOST`
    case 'script':
      return `copy ${folder}/install-${name}.sh to the machine and run there: sudo sh install-${name}.sh`
  }
}

/**
 * Formats the report. Contains no secret.
 *
 * @param format `name` lists the paths of the files; undefined and `diff` print a summary
 */
export function formatVmReport(report: VmReport, format: 'json' | 'yaml' | 'name' | 'diff' | undefined): string {
  const data = {...report, tokenEnds: report.tokenEnds.toISOString(), next: nextStep(report)}
  if (format === 'json') return `${JSON.stringify(data, null, 2)}\n`
  if (format === 'yaml') return dumpYaml(data)
  if (format === 'name') return `${report.files.join('\n')}\n`
  return [
    `bundle    ${report.folder} (${report.files.length} file${report.files.length === 1 ? '' : 's'}, token valid until ${data.tokenEnds})`,
    `identity  ${report.identity}`,
    `istiod    ${report.istiod}`,
    `next      ${data.next}`,
    '',
  ].join('\n')
}

/** The result of a renewal on a machine. The keys are part of the JSON output. */
export interface RenewalReport extends Pick<VmReport, 'name' | 'namespace' | 'tokenEnds'> {
  /** As set with `--ssh`. */
  host: string
}

/**
 * Formats the report of a renewal on a machine.
 *
 * @param format `name` prints the namespace and name of the VM; undefined and `diff` print a sentence
 */
export function formatRenewal(report: RenewalReport, format: 'json' | 'yaml' | 'name' | 'diff' | undefined): string {
  const {name, namespace, host} = report
  const data = {...report, tokenEnds: report.tokenEnds.toISOString()}
  if (format === 'json') return `${JSON.stringify(data, null, 2)}\n`
  if (format === 'yaml') return dumpYaml(data)
  if (format === 'name') return `${namespace}/${name}\n`
  return `${namespace}/${name} on ${host}: token valid until ${data.tokenEnds}`
}

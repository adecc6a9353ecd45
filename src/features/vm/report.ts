import {dumpYaml} from '../../text/yaml.ts'

/** What a registration or renewal made on this side. */
export interface VmReport {
  name: string
  namespace: string
  /** `spiffe://cluster.local/ns/vm/sa/web` */
  identity: string
  /** Where the machine dials istiod. */
  istiod: string
  folder: string
  files: string[]
  /** When the token ends. */
  tokenEnds: Date
  format: 'files' | 'cloud-init' | 'ansible' | 'script'
}

/** What to do with the files. */
function nextOf({folder, format, name}: VmReport): string {
  switch (format) {
    case 'files':
      return `copy ${folder} to the machine and run there: sudo sh install.sh`
    case 'cloud-init':
      return `give ${folder}/user-data to a new machine as its user data`
    case 'ansible':
      return `ansible-playbook -i INVENTORY ${folder}/play.yaml -e target=HOST`
    case 'script':
      return `copy ${folder}/install-${name}.sh to the machine and run there: sudo sh install-${name}.sh`
  }
}

/** The bundle in a few lines, or as data. Holds no secret. */
export function formatVmReport(report: VmReport, format: 'json' | 'yaml' | 'name' | 'diff' | undefined): string {
  const data = {...report, tokenEnds: report.tokenEnds.toISOString(), next: nextOf(report)}
  if (format === 'json') return `${JSON.stringify(data, null, 2)}\n`
  if (format === 'yaml') return dumpYaml(data)
  if (format === 'name') return `${report.files.join('\n')}\n`
  return [
    `bundle    ${report.folder} (${report.files.length} file${report.files.length === 1 ? '' : 's'}, token until ${data.tokenEnds})`,
    `identity  ${report.identity}`,
    `istiod    ${report.istiod}`,
    `next      ${data.next}`,
    '',
  ].join('\n')
}

import type {Problem} from '../../errors.ts'
import {commonFields} from '../../spec/common-fields.ts'
import {goDuration, parseDurationField} from '../../spec/durations.ts'
import {
  choiceField,
  convertedField,
  type Field,
  FieldProblem,
  listField,
  mapField,
  type Raw,
  type SpecOf,
  switchField,
  textField,
} from '../../spec/field.ts'
import {addressOrHost, dnsLabel, labelValue} from '../../spec/texts.ts'
import {
  formatVmPort,
  formatVmProbe,
  hostProblem,
  labelKeyProblem,
  labelTextProblem,
  localityProblem,
  parseVmPort,
  parseVmProbe,
  type VmPort,
  type VmProbe,
} from './spec-texts.ts'

/** Which VM, and which control plane it belongs to: what every `mesh vm` command can be told. */
const which = {
  name: {
    ...textField({flag: 'name', about: 'name of the VM, or of the group of equal VMs', check: dnsLabel}),
    argument: true as const,
  },
  namespace: textField({
    flag: 'namespace',
    about: 'namespace of the VM',
    valueName: 'NS',
    check: dnsLabel,
    fallbackText: "the context's",
  }),
  systemNamespace: commonFields.systemNamespace,
  revision: {...commonFields.revision, about: 'revision of the control plane that the VM connects to'},
}

const gatewayAddress = textField({
  flag: 'gateway-address',
  about: 'IP address or host name at which the VM reaches istiod',
  valueName: 'ADDRESS',
  check: addressOrHost,
  fallbackText: 'that of the east-west gateway',
})

const tokenDuration = convertedField<number>({
  flag: 'token-duration',
  about: 'how long the token is good; the VM needs it for its first certificate only',
  valueName: 'DURATION',
  // what a TokenRequest may ask for (Kubernetes, pkg/apis/authentication/validation)
  convert: parseDurationField({atLeast: '10m', atMost: '1193046h'}),
  fallback: 3_600_000,
  fallbackText: '1h',
  format: goDuration,
})

const portField: Field<VmPort[]> = {
  kind: 'list',
  flag: 'port',
  about: 'port that the VM serves, may be repeated',
  valueName: 'NAME:NUMBER[:PROTOCOL[:TARGET]]',
  fallback: [],
  parse: raw => listOf(raw).map(parseVmPort),
  format: ports => ports.map(formatVmPort).join(','),
}

function listOf(raw: Raw): string[] {
  return (Array.isArray(raw) ? raw : [raw]).flatMap(part => {
    if (typeof part !== 'string') throw new FieldProblem(`wants texts, got ${JSON.stringify(part)}`)
    return part.split(',').filter(text => text !== '')
  })
}

/** All that `mesh vm register` can be told. */
export const vmRegisterFields = {
  ...which,
  serviceAccount: textField({
    flag: 'service-account',
    about: 'account whose identity the VM has; made if it is not there',
    valueName: 'SA',
    check: dnsLabel,
  }),
  labels: mapField({
    flag: 'label',
    about: 'label of the workload, may be repeated; app=NAME is added where no app is said',
    valueName: 'KEY=VALUE',
    check: labelTextProblem,
    checkKey: labelKeyProblem,
  }),
  addresses: listField({
    flag: 'address',
    about: 'address of the VM, may be repeated; without one it registers itself when it connects',
    valueName: 'IP',
    check: addressOrHost,
  }),
  ports: portField,
  hosts: listField({
    flag: 'host',
    about:
      'name by which the mesh calls it, may be repeated: NAME.NS.svc.DOMAIN becomes a Kubernetes Service, any other a ServiceEntry',
    valueName: 'NAME',
    check: hostProblem,
  }),
  network: textField({
    flag: 'network',
    about: 'network of the VM; others reach it there through its own address',
    valueName: 'NET',
    check: labelValue,
    fallbackText: 'the one of the pods',
  }),
  locality: textField({
    flag: 'locality',
    about: 'where the VM is',
    valueName: 'REGION/ZONE/SUBZONE',
    check: localityProblem,
  }),
  weight: convertedField<number | undefined>({
    flag: 'weight',
    about: 'share of the calls that the VM gets, compared with other endpoints',
    valueName: 'N',
    convert: text => {
      if (!/^\d{1,9}$/.test(text) || Number(text) < 1) throw new FieldProblem(`${text} is not a number from 1`)
      return Number(text)
    },
    fallback: undefined,
  }),
  autoRegister: switchField({
    flag: 'auto-register',
    about: 'the VM registers itself when it connects, under --address if that is said',
  }),
  probe: convertedField<VmProbe | undefined>({
    flag: 'probe',
    about: 'how the VM tells whether it is well: http:PORT/PATH, https:PORT/PATH, tcp:PORT or exec:COMMAND',
    valueName: 'PROBE',
    convert: parseVmProbe,
    fallback: undefined,
    format: formatVmProbe,
  }),
  captureDns: switchField({
    flag: 'capture-dns',
    about: 'the proxy answers DNS queries for names of the mesh, on the VM and, for --host, on the pods',
    fallback: true,
  }),
  tokenDuration,
  clusterName: textField({
    flag: 'cluster-name',
    about: "the cluster's name in the mesh",
    valueName: 'NAME',
    check: dnsLabel,
    fallbackText: 'what its istiod calls it',
  }),
  clusterDomain: commonFields.clusterDomain,
  gatewayAddress,
  format: choiceField({
    flag: 'format',
    about:
      'files: what the machine needs with install.sh; cloud-init: user data; ansible: a play; script: one file that installs itself',
    options: ['files', 'cloud-init', 'ansible', 'script'],
    fallback: 'files',
  }),
}

/** The Spec of a registration. `tokenDuration` is in milliseconds. */
export type VmRegister = SpecOf<typeof vmRegisterFields>

/** What one field alone can't tell. */
export function vmRegisterProblems(spec: VmRegister): Problem[] {
  const problems = nameProblems(spec)
  if (spec.serviceAccount === undefined)
    problems.push({
      message: '--service-account is missing: whose identity does the VM have?',
      hints: [`--service-account ${spec.name ?? 'NAME'}; it is made if it is not there`],
    })
  for (const key of ['name', 'number'] as const)
    for (const value of twice(spec.ports.map(port => port[key])))
      problems.push({message: `--port has the ${key} ${value} twice`})
  for (const address of twice(spec.addresses)) problems.push({message: `--address names ${address} twice`})
  for (const host of twice(spec.hosts)) problems.push({message: `--host names ${host} twice`})
  if (spec.hosts.length > 0 && spec.ports.length === 0)
    problems.push({message: '--host needs a --port: which port does it serve?', hints: ['--port http:8080']})
  if (spec.autoRegister && spec.addresses.length > 1)
    problems.push({
      message: '--auto-register registers one address, and --address names several',
      hints: ['leave one of the two out'],
    })
  if (spec.autoRegister && spec.addresses.some(address => /[a-z]/i.test(address) && !address.includes(':')))
    problems.push({message: '--auto-register needs an IP address with --address, not a host name'})
  for (const host of spec.hosts) {
    const service = clusterServiceOf(host, spec.clusterDomain)
    if (service && service.namespace !== spec.namespace)
      problems.push({
        message: `--host ${host} is a Service of namespace ${service.namespace}, and the VM is in ${spec.namespace}`,
        hints: ['a Service selects workloads of its own namespace'],
      })
  }
  return problems
}

function nameProblems(spec: {name: string | undefined; namespace: string | undefined}): Problem[] {
  const problems: Problem[] = []
  if (spec.name === undefined) problems.push({message: 'NAME is missing: the name of the VM'})
  if (spec.namespace === undefined) problems.push({message: '--namespace is missing', hints: ['-n NS']})
  return problems
}

function twice<T>(values: readonly T[]): T[] {
  return [...new Set(values.filter((value, at) => values.indexOf(value) !== at))]
}

/** The Kubernetes Service that a host names (`web.vm.svc.cluster.local`, `web.vm.svc`), or undefined for any other host. */
export function clusterServiceOf(host: string, clusterDomain: string): {name: string; namespace: string} | undefined {
  const [name, namespace, svc, ...rest] = host.split('.')
  const domain = rest.join('.')
  if (!name || !namespace || svc !== 'svc' || (domain !== '' && domain !== clusterDomain)) return undefined
  return {name, namespace}
}

/** All that `mesh vm renew` can be told. */
export const vmRenewFields = {
  ...which,
  tokenDuration,
  ssh: textField({
    flag: 'ssh',
    about: 'put it on the machine by your own ssh; without it the bundle is renewed',
    valueName: '[USER@]HOST',
    check: text => (/^[^\s-][^\s]*$/.test(text) ? undefined : 'is not [USER@]HOST'),
  }),
}

export type VmRenew = SpecOf<typeof vmRenewFields>

/** What one field alone can't tell. */
export const vmRenewProblems: (spec: VmRenew) => Problem[] = nameProblems

/** All that `mesh vm list` can be told. */
export const vmListFields = {namespace: {...which.namespace, fallbackText: 'all'}}

export type VmList = SpecOf<typeof vmListFields>

/** All that `mesh vm verify` can be told. */
export const vmVerifyFields = {...which, gatewayAddress}

export type VmVerify = SpecOf<typeof vmVerifyFields>

/** What one field alone can't tell. */
export const vmVerifyProblems: (spec: VmVerify) => Problem[] = nameProblems

/** All that `mesh vm remove` can be told. */
export const vmRemoveFields = which

export type VmRemove = SpecOf<typeof vmRemoveFields>

/** What one field alone can't tell. */
export const vmRemoveProblems: (spec: VmRemove) => Problem[] = nameProblems

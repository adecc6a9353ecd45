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
import {hostProblem, labelKeyProblem, labelTextProblem, localityProblem} from './spec-names.ts'
import {formatVmPort, parseVmPort, type VmPort} from './spec-port.ts'
import {formatVmProbe, parseVmProbe, type VmProbe} from './spec-probe.ts'

/** The fields that identify a VM and its control plane, shared by the `mesh vm` commands. */
const vmFields = {
  name: {
    ...textField({flag: 'name', about: 'name of the VM, or of a group of identical VMs', check: dnsLabel}),
    argument: true as const,
    perRun: true as const,
  },
  namespace: textField({
    perRun: true,
    flag: 'namespace',
    about: 'namespace of the VM',
    valueName: 'NS',
    check: dnsLabel,
    fallbackText: "the context's",
  }),
  // The record is in this namespace.
  systemNamespace: {...commonFields.systemNamespace, perRun: true as const},
  revision: {...commonFields.revision, about: 'revision of the control plane that the VM connects to'},
}

const gatewayAddress = textField({
  flag: 'gateway-address',
  about: 'IP address or host name at which the VM reaches istiod',
  valueName: 'ADDRESS',
  check: addressOrHost,
  fallbackText: 'the address of the east-west gateway',
})

const gateway = switchField({
  flag: 'gateway',
  about:
    'create the east-west gateway through which VMs reach istiod, if the cluster has none; with --network also the network label and what VMs need to reach pods',
})

const tokenDuration = convertedField<number>({
  flag: 'token-duration',
  about: 'lifetime of the token; the VM needs it only for its first certificate',
  valueName: 'DURATION',
  // The limits of a TokenRequest (Kubernetes, pkg/apis/authentication/validation).
  convert: parseDurationField({atLeast: '10m', atMost: '1193046h'}),
  fallback: 3_600_000,
  fallbackText: '1h',
  format: goDuration,
})

/** A token that is valid for longer is a larger risk if it is stolen. */
function tokenDurationRisk(before: number, after: number): string | undefined {
  return after > before
    ? `tokens of the VM will be valid for ${goDuration(after)} instead of ${goDuration(before)}`
    : undefined
}

function accountRisk(before: string | undefined, after: string | undefined): string | undefined {
  if (before === undefined || after === undefined || before === after) return undefined
  return `the identity of the VM will be service account ${after} instead of ${before}`
}

/** Hosts select workloads by the label `app`. */
function labelsRisk(before: Record<string, string>, after: Record<string, string>): string | undefined {
  if (before.app === after.app) return undefined
  const text = (labels: Record<string, string>) =>
    labels.app === undefined ? 'app=NAME of the VM' : `app=${labels.app}`
  return `the hosts of the VM will select workloads with ${text(after)} instead of ${text(before)}`
}

const ports: Field<VmPort[]> = {
  kind: 'list',
  flag: 'port',
  about: 'port that the VM serves; may be repeated',
  valueName: 'NAME:NUMBER[:PROTOCOL[:TARGET]]',
  fallback: [],
  parse: raw => textsOf(raw).map(parseVmPort),
  format: values => values.map(formatVmPort).join(','),
}

function textsOf(raw: Raw): string[] {
  return (Array.isArray(raw) ? raw : [raw]).flatMap(part => {
    if (typeof part !== 'string') throw new FieldProblem(`must be text, got ${JSON.stringify(part)}`)
    return part.split(',').filter(text => text !== '')
  })
}

const weight = convertedField<number | undefined>({
  flag: 'weight',
  about: 'load-balancing weight of the VM relative to the other endpoints of its services',
  valueName: 'N',
  convert: text => {
    if (!/^\d{1,9}$/.test(text) || Number(text) < 1) throw new FieldProblem(`${text} is not an integer greater than 0`)
    return Number(text)
  },
  fallback: undefined,
})

const probe = convertedField<VmProbe | undefined>({
  flag: 'probe',
  about: 'readiness probe that runs on the VM: http:PORT/PATH, https:PORT/PATH, tcp:PORT or exec:COMMAND',
  valueName: 'PROBE',
  convert: parseVmProbe,
  fallback: undefined,
  format: formatVmProbe,
})

const serviceAccount = textField({
  flag: 'service-account',
  about: 'service account that provides the identity of the VM; created if it does not exist',
  valueName: 'SA',
  check: dnsLabel,
})

/** The fields of `mesh vm register`. */
export const vmRegisterFields = {
  ...vmFields,
  serviceAccount: {...serviceAccount, risk: accountRisk},
  labels: {
    ...mapField({
      flag: 'label',
      about: 'label of the workload; may be repeated; app=NAME is added unless an app label is set',
      valueName: 'KEY=VALUE',
      check: labelTextProblem,
      checkKey: labelKeyProblem,
    }),
    risk: labelsRisk,
  },
  addresses: listField({
    flag: 'address',
    about: 'address of the VM; may be repeated; without it the VM registers itself when it connects',
    valueName: 'IP',
    check: addressOrHost,
  }),
  ports,
  hosts: listField({
    flag: 'host',
    about:
      'host name that clients use for the VM; may be repeated; creates a Service for NAME.NS.svc.DOMAIN, else a ServiceEntry',
    valueName: 'NAME',
    check: hostProblem,
  }),
  network: textField({
    flag: 'network',
    about: 'network of the VM; workloads in the same network reach the VM directly',
    valueName: 'NET',
    check: labelValue,
    fallbackText: 'the network of the pods',
  }),
  locality: textField({
    flag: 'locality',
    about: 'locality of the VM',
    valueName: 'REGION/ZONE/SUBZONE',
    check: localityProblem,
  }),
  weight,
  autoRegister: switchField({
    flag: 'auto-register',
    about: 'let the VM register itself when it connects, with --address as its address if set',
  }),
  probe,
  captureDns: switchField({
    flag: 'capture-dns',
    about:
      'let the proxy answer DNS queries for mesh hosts on the VM and, for a --host outside the cluster domain, in pods',
    fallback: true,
  }),
  tokenDuration: {...tokenDuration, risk: tokenDurationRisk},
  clusterName: textField({
    flag: 'cluster-name',
    about: 'name of the cluster in the mesh',
    valueName: 'NAME',
    check: dnsLabel,
    fallbackText: 'the cluster ID of istiod',
  }),
  clusterDomain: commonFields.clusterDomain,
  gateway,
  gatewayAddress,
  format: choiceField({
    flag: 'format',
    about:
      'form of the generated files: separate files with install.sh, cloud-init user data, files with an Ansible playbook, or one self-extracting script',
    options: ['files', 'cloud-init', 'ansible', 'script'],
    fallback: 'files',
  }),
}

/** The Spec of `mesh vm register`. `tokenDuration` is in milliseconds. */
export type VmRegister = SpecOf<typeof vmRegisterFields>

/** A Spec of `mesh vm register` that passed `validateVmRegister`: the required fields are set. */
export type VmRegistration = VmRegister & {name: string; namespace: string; serviceAccount: string}

/** The fields of `mesh vm renew`. */
export const vmRenewFields = {
  ...vmFields,
  serviceAccount: {
    ...serviceAccount,
    about: 'service account that provides the identity of the VM',
    fallbackText: 'the registered one',
  },
  tokenDuration,
  ssh: textField({
    flag: 'ssh',
    about: 'install the new token on this machine over ssh instead of writing a new bundle',
    valueName: '[USER@]HOST',
    check: text => (/^[^\s-][^\s]*$/.test(text) ? undefined : 'is not [USER@]HOST'),
  }),
}

/** The fields of `mesh vm list`. */
export const vmListFields = {namespace: {...vmFields.namespace, fallbackText: 'all'}}

/** The fields of `mesh vm verify`. */
export const vmVerifyFields = {...vmFields, gatewayAddress}

/** The fields of `mesh vm remove`. */
export const vmRemoveFields = vmFields

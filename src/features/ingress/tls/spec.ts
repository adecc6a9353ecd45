import type {Problem} from '../../../errors.ts'
import {commonFields} from '../../../spec/common-fields.ts'
import {type SpecOf, switchField, textField, textFieldWithDefault} from '../../../spec/field.ts'
import {dnsLabel, dnsName} from '../../../spec/texts.ts'
import {certificateHost} from './spec-host.ts'

/** Fields of `mesh ingress tls HOST`. */
export const ingressTlsFields = {
  host: {
    ...textField({flag: 'host', about: 'host to serve: NAME.DOMAIN or *.DOMAIN', check: certificateHost}),
    argument: true as const,
    perRun: true as const,
  },
  cert: textField({
    flag: 'cert',
    about: 'PEM file with the server certificate, followed by its intermediate certificates',
    valueName: 'FILE',
    excludes: ['secret'],
    perRun: true,
  }),
  key: textField({
    flag: 'key',
    about: 'PEM file with the private key of the certificate',
    valueName: 'FILE',
    excludes: ['secret'],
    perRun: true,
  }),
  ca: textField({
    flag: 'ca',
    about: 'PEM file with the CA certificates that sign client certificates',
    valueName: 'FILE',
    onlyWith: {mutual: [true]},
    excludes: ['secret'],
    perRun: true,
  }),
  secret: textField({
    flag: 'secret',
    about: 'existing Secret in the namespace of the gateway, instead of files',
    valueName: 'NAME',
    check: dnsName,
  }),
  gateway: textFieldWithDefault({
    flag: 'gateway',
    about: 'gateway that serves the host',
    valueName: 'NAME',
    check: dnsLabel,
    fallback: 'istio-ingressgateway',
  }),
  namespace: textField({
    flag: 'namespace',
    about: 'namespace of the gateway',
    valueName: 'NS',
    check: dnsLabel,
    fallbackText: 'the namespace where ingress deploy created the gateway',
  }),
  mutual: {
    ...switchField({flag: 'mutual', about: 'require client certificates'}),
    risk: (before: boolean, after: boolean) =>
      before && !after ? 'clients will no longer need a certificate; now they need one' : undefined,
  },
  redirect: switchField({flag: 'redirect', about: 'redirect requests on port 80 to HTTPS'}),
  systemNamespace: {...commonFields.systemNamespace, perRun: true as const},
}

/** The fields with paths of files of this computer. */
export const pathNames = ['cert', 'key', 'ca'] as const satisfies (keyof typeof ingressTlsFields)[]

/** The validated input of `mesh ingress tls HOST`. */
export type IngressTls = SpecOf<typeof ingressTlsFields>

/** The fields that are needed to find the records of a host. */
export const ingressTlsRecordFields = {
  host: ingressTlsFields.host,
  systemNamespace: ingressTlsFields.systemNamespace,
}

/** The fields of `mesh ingress tls HOST --remove`. */
export const ingressTlsRemoveFields = {
  ...ingressTlsRecordFields,
  gateway: ingressTlsFields.gateway,
  namespace: ingressTlsFields.namespace,
}

/** Validates that there is a host. */
export function validateTlsHost({host}: Pick<IngressTls, 'host'>): Problem[] {
  if (host !== undefined) return []
  return [
    {
      message: 'HOST is required',
      hints: ['kubectl mesh ingress tls shop.example.com --cert FILE --key FILE', '--list shows all certificates'],
    },
  ]
}

/** Cross-field validation. */
export function validateIngressTls({host, cert, key, ca, secret, mutual}: IngressTls): Problem[] {
  const problems = validateTlsHost({host})
  if (secret !== undefined) return problems
  if (cert === undefined) problems.push({message: '--cert FILE is required', hints: ['or use --secret NAME']})
  if (key === undefined) problems.push({message: '--key FILE is required', hints: ['or use --secret NAME']})
  if (mutual && ca === undefined)
    problems.push({
      message: '--mutual requires --ca FILE, the CA certificates that sign client certificates',
      hints: ['to accept clients without a certificate: --no-mutual'],
    })
  return problems
}

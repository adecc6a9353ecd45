import type {Problem} from '../../../errors.ts'
import {commonFields} from '../../../spec/common-fields.ts'
import {goDuration, parseDurationField} from '../../../spec/durations.ts'
import {
  choiceField,
  convertedField,
  type Field,
  mapField,
  type SpecOf,
  switchField,
  textField,
} from '../../../spec/field.ts'
import {apiServerUrl, contextName} from '../../../spec/texts.ts'
import {namespaceField} from '../spec-names.ts'

/** Only Kiali reads other clusters. */
const name = {
  ...choiceField({flag: 'addon', about: 'add-on: kiali', valueName: 'ADDON', options: ['kiali'], fallback: 'kiali'}),
  argument: true as const,
}

const contexts: Field<string[]> = {
  ...commonFields.contexts,
  about: 'kubeconfig contexts of the clusters: that of Kiali, and those that it reads',
}

/** What identifies the clusters and Kiali. */
const placeFields = {
  name,
  contexts,
  kialiContext: textField({
    flag: 'kiali-context',
    about: 'kubeconfig context of the cluster with Kiali',
    valueName: 'CTX',
    check: contextName,
    fallbackText: 'the only cluster in which it runs',
  }),
  namespace: {
    ...namespaceField,
    about: 'namespace of Kiali',
    fallbackText: 'that of addon install, or the system namespace',
  },
  clusterName: commonFields.clusterName,
  systemNamespace: commonFields.systemNamespace,
  revision: commonFields.revision,
}

/** The fields of `mesh addon connect`. */
export const addonConnectFields = {
  ...placeFields,
  server: mapField({
    flag: 'server',
    about:
      'API server URL of a cluster for Kiali; default: that of an earlier run, else that of the remote Secret of federate, else that of the kubeconfig',
    valueName: 'CTX=URL',
    check: apiServerUrl,
  }),
  credentialDuration: convertedField<number | undefined>({
    flag: 'credential-duration',
    about: 'lifetime of tokens, at least 10m; run the command again to renew them',
    valueName: 'DURATION',
    // Limits of a TokenRequest: 10 minutes and 2^32 seconds (Kubernetes, pkg/apis/authentication/validation, 1.36).
    convert: parseDurationField({atLeast: '10m', atMost: '1193046h'}),
    fallback: undefined,
    fallbackText: 'that of the current tokens, else tokens that do not expire',
    format: goDuration,
  }),
  rotate: switchField({flag: 'rotate', about: 'replace the tokens, and revoke the former ones'}),
}

/** The Spec of `mesh addon connect`. `credentialDuration` is in milliseconds. */
export type AddonConnect = SpecOf<typeof addonConnectFields>

/** The fields of `mesh addon disconnect`. */
export const addonDisconnectFields = placeFields

/** The Spec of `mesh addon disconnect`. */
export type AddonDisconnect = SpecOf<typeof addonDisconnectFields>

/** Cross-field validation. */
export function validateAddonConnect(spec: AddonConnect): Problem[] {
  return [...validatePlace(spec), ...unknownContexts('server', spec.server, spec.contexts)]
}

/** Cross-field validation. */
export function validateAddonDisconnect(spec: AddonDisconnect): Problem[] {
  return validatePlace(spec)
}

function validatePlace({contexts: all, kialiContext, clusterName}: AddonDisconnect): Problem[] {
  if (all.length < 2)
    return [
      {
        message: '--contexts needs at least two clusters: that of Kiali, and those that it reads',
        hints: ['--contexts east,west'],
      },
    ]
  const isUnknown = kialiContext !== undefined && !all.includes(kialiContext)
  return [
    ...(isUnknown ? [{message: `--kiali-context ${kialiContext} is not in --contexts`}] : []),
    ...unknownContexts('cluster-name', clusterName, all),
  ]
}

function unknownContexts(flag: string, map: Readonly<Record<string, string>>, all: readonly string[]): Problem[] {
  return Object.keys(map)
    .filter(context => !all.includes(context))
    .map(context => ({message: `--${flag} ${context}=…: ${context} is not in --contexts`}))
}

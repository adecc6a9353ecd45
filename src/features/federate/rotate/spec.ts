import type {Problem} from '../../../errors.ts'
import {goDuration, parseDurationField} from '../../../spec/durations.ts'
import {convertedField, listField, type SpecOf, switchField} from '../../../spec/field.ts'
import {dnsLabel} from '../../../spec/texts.ts'
import {federationFields} from '../spec.ts'
import {clusterContexts} from '../status/spec.ts'

/** How long each pair is observed by default. An istiod from before istio#61043 was fixed loses endpoints after about 30 s. */
export const defaultHoldMs = 60_000

/** The fields of `mesh federate rotate`. */
export const federationRotateFields = {
  contexts: clusterContexts,
  clusterName: federationFields.clusterName,
  systemNamespace: federationFields.systemNamespace,
  revision: federationFields.revision,
  cluster: listField({
    flag: 'cluster',
    about: 'rotate only the credentials with which the other clusters read this one; default: those for all clusters',
    valueName: 'NAME',
    check: dnsLabel,
  }),
  credentialDuration: {
    ...federationFields.credentialDuration,
    about: 'lifetime of the new tokens, at least 10m; federate keeps it',
    fallbackText: 'that of the current tokens',
  },
  hold: convertedField<number>({
    flag: 'hold',
    about: 'how long each istiod is observed after a change before the old token is revoked',
    valueName: 'DURATION',
    convert: parseDurationField({atLeast: '0s', atMost: '1h'}),
    fallback: defaultHoldMs,
    fallbackText: '60s',
    format: goDuration,
  }),
  restartIstiod: switchField({
    flag: 'restart-istiod',
    about: 'restart istiod after each change: required where its version can lose endpoints when a credential changes',
  }),
}

/** The Spec of `mesh federate rotate`. */
export type FederationRotate = SpecOf<typeof federationRotateFields>

/** Cross-field validation. */
export function validateFederationRotate({contexts}: Pick<FederationRotate, 'contexts'>): Problem[] {
  if (new Set(contexts).size >= 2) return []
  return [{message: 'federate rotate needs at least two clusters', hints: ['--contexts ONE,OTHER']}]
}

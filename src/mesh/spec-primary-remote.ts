import {isIP} from 'node:net'
import type {Problem} from '../errors.ts'
import {type SpecOf, type TextCheck, textField} from '../spec/field.ts'
import {addressOrHost, contextName, ipAddress} from '../spec/texts.ts'

const notReachable = 'is not an address of another machine'

/**
 * Accepts host names, and addresses that are valid in an EndpointSlice: no unspecified, loopback, link-local or
 * multicast address, and IPv6 in canonical form (Kubernetes, ValidateEndpointIP).
 */
const reachableAddress: TextCheck = text => {
  if (isIP(text) === 4 && /^(0\.|127\.|169\.254\.|22[4-9]\.|23\d\.)/.test(text)) return notReachable
  if (isIP(text) !== 6 || ipAddress(text) !== undefined) return addressOrHost(text)
  const canonical = new URL(`http://[${text}]`).hostname.slice(1, -1)
  if (/^(::1?$|::ffff:|fe[89ab]|ff)/.test(canonical)) return notReachable
  return canonical === text ? undefined : `is not in canonical form; write ${canonical}`
}

/** Fields of `mesh federate` that have an effect only in primary-remote mode. */
export const primaryRemoteFields = {
  primary: textField({
    flag: 'primary',
    about: 'context of the cluster whose control plane serves all clusters',
    onlyWith: {mode: ['primary-remote']},
    valueName: 'CTX',
    check: contextName,
    fallbackText: 'the first of --contexts',
  }),
  remotePilotAddress: textField({
    flag: 'remote-pilot-address',
    about: "IP address or host name at which the remotes reach the primary's istiod",
    onlyWith: {mode: ['primary-remote']},
    valueName: 'ADDRESS',
    check: reachableAddress,
    fallbackText: "address of the primary's east-west gateway",
  }),
}

/** The fields of a federation's Spec that determine primary and remotes. */
export type Roles = SpecOf<Pick<typeof primaryRemoteFields, 'primary'>> & {
  mode: 'multi-primary' | 'primary-remote' | 'gateways'
  contexts: readonly string[]
}

/** Returns the context of the primary; undefined in another mode. */
export function primaryOf({mode, primary, contexts}: Roles): string | undefined {
  return mode === 'primary-remote' ? (primary ?? contexts[0]) : undefined
}

/** Cross-field validation. */
export function validatePrimaryRemote({mode, primary, contexts}: Roles): Problem[] {
  if (mode !== 'primary-remote' || primary === undefined || contexts.includes(primary)) return []
  return [{message: `--primary ${primary} is not among --contexts ${contexts.join(',')}`}]
}

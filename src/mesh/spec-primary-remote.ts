import {isIP} from 'node:net'
import type {Problem} from '../errors.ts'
import {type SpecOf, type TextCheck, textField} from '../spec/field.ts'
import {addressOrHost, contextName} from '../spec/texts.ts'

/** Of an EndpointSlice's addresses (Kubernetes, ValidateEndpointIP): none that means itself or the link, IPv6 as it is written shortest. */
const reachableAddress: TextCheck = text => {
  if (isIP(text) === 4 && /^(0\.|127\.|169\.254\.|22[4-9]\.|23\d\.)/.test(text))
    return 'is no address of another machine'
  if (isIP(text) !== 6) return addressOrHost(text)
  const plain = new URL(`http://[${text}]`).hostname.slice(1, -1)
  if (/^(::1?$|::ffff:|fe[89ab]|ff)/.test(plain)) return 'is no address of another machine'
  return plain === text ? undefined : `is to be written as ${plain}`
}

/** What `mesh federate --mode primary-remote` can be told beside what all modes are. */
export const primaryRemoteFields = {
  primary: textField({
    flag: 'primary',
    about: 'with --mode primary-remote, the context whose control plane serves all others',
    valueName: 'CTX',
    check: contextName,
    fallbackText: 'the first of --contexts',
  }),
  remotePilotAddress: textField({
    flag: 'remote-pilot-address',
    about: "with --mode primary-remote, IP address or host name at which the remotes reach the primary's istiod",
    valueName: 'ADDRESS',
    check: reachableAddress,
    fallbackText: "that of the primary's east-west gateway",
  }),
}

/** As much of a federation's Spec as tells who is whose remote. */
export type Roles = SpecOf<Pick<typeof primaryRemoteFields, 'primary'>> & {
  mode: 'multi-primary' | 'primary-remote' | 'gateways'
  contexts: readonly string[]
}

/** The context whose control plane serves the others; undefined in another mode. */
export function primaryOf({mode, primary, contexts}: Roles): string | undefined {
  return mode === 'primary-remote' ? (primary ?? contexts[0]) : undefined
}

/** What one field alone can't tell. */
export function primaryRemoteProblems(
  spec: Roles & SpecOf<Pick<typeof primaryRemoteFields, 'remotePilotAddress'>>,
): Problem[] {
  const {mode, primary, contexts} = spec
  if (mode !== 'primary-remote')
    return [primary !== undefined && '--primary', spec.remotePilotAddress !== undefined && '--remote-pilot-address']
      .filter(flag => flag !== false)
      .map(flag => ({
        message: `${flag} is for --mode primary-remote`,
        hints: ['add --mode primary-remote, or leave it out'],
      }))
  return primary === undefined || contexts.includes(primary)
    ? []
    : [{message: `--primary ${primary} is not among --contexts ${contexts.join(',')}`}]
}

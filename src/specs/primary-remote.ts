import type {Problem} from '../errors.ts'
import {type SpecOf, textField} from './field.ts'
import {addressOrHost, contextName} from './texts.ts'

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
    check: addressOrHost,
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

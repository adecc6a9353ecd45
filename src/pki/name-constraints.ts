import type {ConstrainedName} from './der.ts'
import type {Certificate} from './read.ts'

/** What istiod issues certificates for. */
export interface IssuedNames {
  /** Trust domain of the SPIFFE URIs of workloads. */
  trustDomain: string
  /** DNS name of istiod's own certificate. */
  istiod: string
}

/**
 * Returns why proxies would reject the certificates below a chain: a name constraint of one of its CAs excludes the names. An
 * intermediate CA with such a constraint starts, but every connection fails.
 *
 * A domain of a URI permits only this host, and one with a leading dot only hosts below it; a DNS domain permits itself and
 * everything below it (RFC 5280, 4.2.1.10).
 *
 * @param chain the CAs above the certificates
 */
export function excludedNames(chain: readonly Certificate[], {trustDomain, istiod}: IssuedNames): string | undefined {
  const issued = [
    {form: 'URI', name: trustDomain, about: `spiffe://${trustDomain}/…, the identities of workloads`},
    {form: 'DNS', name: istiod, about: `${istiod}, the name of istiod`},
  ] as const
  for (const {subject, nameConstraints} of chain)
    for (const {form, name, about} of issued) {
      const ofForm = (names: readonly ConstrainedName[] = []) => names.filter(one => one.form === form)
      const [permitted, excluded] = [ofForm(nameConstraints?.permitted), ofForm(nameConstraints?.excluded)]
      const isPermitted = permitted.length === 0 || permitted.some(one => covers(one, name))
      if (isPermitted && !excluded.some(one => covers(one, name))) continue
      const list = permitted.map(({domain}) => domain).join(', ')
      return `the name constraints of ${subject} exclude ${about}${isPermitted ? '' : `; they permit only ${form === 'URI' ? 'URIs' : 'DNS names'} of ${list}`}`
    }
  return undefined
}

function covers({form, domain}: ConstrainedName, name: string): boolean {
  if (domain === '') return true
  const below = domain.startsWith('.') ? domain : `.${domain}`
  if (form === 'URI') return domain.startsWith('.') ? name.endsWith(domain) : name === domain
  return name === domain || name.endsWith(below)
}

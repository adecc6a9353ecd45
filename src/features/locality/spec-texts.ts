import type {TextCheck} from '../../spec/field.ts'
import {dnsName, labelValue} from '../../spec/texts.ts'

/** A locality: `region[/zone[/subzone]]`, each part a label value. */
export const localityText: TextCheck = text => {
  const parts = text.split('/')
  return parts.length <= 3 && parts.every(part => labelValue(part) === undefined)
    ? undefined
    : 'is not REGION[/ZONE[/SUBZONE]] (label values)'
}

/** A locality in `distribute`, in which the last part may be `*` (pkg/config/validation/agent, Istio 1.31). */
export const localityPattern: TextCheck = text => {
  const plain = text === '*' ? 'a' : text.replace(/\/\*$/, '')
  return localityText(plain) === undefined && !(text.endsWith('/*') && text.split('/').length > 3)
    ? undefined
    : 'is not REGION[/ZONE[/SUBZONE]] (the last part may be *)'
}

/** A region in `failover`, where istiod rejects zones and `*` (pkg/config/validation, Istio 1.31). */
export const regionText: TextCheck = text =>
  labelValue(text) === undefined ? undefined : 'is not a region (a label value, without / and *)'

/** A node name in which `*` stands for any characters. */
export const nodePattern: TextCheck = text =>
  dnsName(text.replaceAll('*', 'a')) === undefined ? undefined : 'is not a node name (* matches any characters)'

/** Whether a name matches a pattern with `*`. */
export function matchesPattern(name: string, pattern: string): boolean {
  const parts = pattern.split('*').map(part => part.replace(/[.\\+?^${}()|[\]]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(name)
}

/** A label selector: equality, sets or presence. Only the outer form is checked; the API server does the rest. */
export const labelSelector: TextCheck = text =>
  text.trim() !== '' && /^[^\s,]/.test(text) && !/[,=!]$/.test(text.trim())
    ? undefined
    : 'is not a label selector (KEY=VALUE, KEY in (A,B), KEY, !KEY; joined by commas)'

/** A Service name or a DNS name, without wildcards. */
export const hostText: TextCheck = text =>
  dnsName(text) === undefined ? undefined : 'is not a host (NAME, NAME.NS.svc or a DNS name)'

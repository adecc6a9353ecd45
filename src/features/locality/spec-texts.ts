import type {TextCheck} from '../../spec/field.ts'
import {dnsName, labelValue} from '../../spec/texts.ts'

/** `region[/zone[/subzone]]` of labels. */
export const placeText: TextCheck = text => {
  const parts = text.split('/')
  return parts.length <= 3 && parts.every(part => labelValue(part) === undefined)
    ? undefined
    : 'is not REGION[/ZONE[/SUBZONE]] (label values)'
}

/** A locality in `distribute`: as `placeText`, a `*` may stand at its end (pkg/config/validation/agent, 1.31). */
export const placePattern: TextCheck = text => {
  const plain = text === '*' ? 'a' : text.replace(/\/\*$/, '')
  return placeText(plain) === undefined && !(text.endsWith('/*') && text.split('/').length > 3)
    ? undefined
    : 'is not REGION[/ZONE[/SUBZONE]], of which the last may be *'
}

/** A region: no zones, no `*` (istio's rule for failover). */
export const regionText: TextCheck = text =>
  labelValue(text) === undefined ? undefined : 'is not a region (a label value without / and *)'

/** Name of a node, in which `*` stands for anything. */
export const nodePattern: TextCheck = text =>
  dnsName(text.replaceAll('*', 'a')) === undefined ? undefined : 'is not a node name (* stands for anything)'

/** Whether a name fits a pattern with `*`. */
export function fitsPattern(name: string, pattern: string): boolean {
  const parts = pattern.split('*').map(part => part.replace(/[.\\+?^${}()|[\]]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(name)
}

/** A label selector as the API server reads it: equality, sets, presence (Kubernetes, labels.Parse). */
export const labelSelector: TextCheck = text =>
  text.trim() !== '' && /^[^\s,]/.test(text) && !/[,=!]$/.test(text.trim())
    ? undefined
    : 'is not a label selector (KEY=VALUE, KEY in (A,B), KEY, !KEY; joined by commas)'

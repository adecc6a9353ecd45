import type {TextCheck} from './field.ts'
import {dnsName, labelValue} from './texts.ts'

/** The key of a label: a name, optionally with a DNS prefix, as in `node-role.kubernetes.io/ingress`. */
export const labelKey: TextCheck = text => {
  const [name, prefix, ...more] = text.split('/').reverse()
  const fine = labelValue(name!) === undefined && (prefix === undefined || dnsName(prefix) === undefined)
  return fine && more.length === 0 ? undefined : 'is not a label key'
}

/** The value of a label, which may be empty, as in `node-role.kubernetes.io/ingress=`. */
export const labelValueOrEmpty: TextCheck = text => (text === '' ? undefined : labelValue(text))

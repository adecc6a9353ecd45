import {createHash} from 'node:crypto'
import type {TextCheck} from '../../spec/field.ts'
import {dnsName, labelValue} from '../../spec/texts.ts'

/** A host that a certificate can name: a DNS name, of which the first label may be `*`. */
export const certificateHost: TextCheck = text => {
  const plain = text.startsWith('*.') ? text.slice(2) : text
  return dnsName(plain) === undefined && plain.includes('.') ? undefined : 'is not a host (NAME.DOMAIN or *.DOMAIN)'
}

/** The key of a label: an optional DNS prefix, `/`, a name. */
export const labelKey: TextCheck = text => {
  const [name, prefix, ...more] = text.split('/').reverse()
  const fine = labelValue(name!) === undefined && (prefix === undefined || dnsName(prefix) === undefined)
  return fine && more.length === 0 ? undefined : 'is not a label key'
}

/** The value of a label where it may be empty, as in `node-role.kubernetes.io/ingress=`. */
export const labelValueOrEmpty: TextCheck = text => (text === '' ? undefined : labelValue(text))

/**
 * Name of the Gateway of a host: `.` becomes `-`, `-` becomes `--` and `*.` becomes `wildcard---`, so that no two hosts
 * meet; at most 59 characters, so that a Gateway's (63) and a Secret's name with `-tls` fit.
 */
export function nameOfHost(host: string): string {
  const plain = host.replace(/^\*\./, '').replaceAll('-', '--').replaceAll('.', '-')
  const name = host.startsWith('*.') ? `wildcard---${plain}` : plain
  if (name.length <= 59) return name
  return `${name.slice(0, 50).replace(/-+$/, '')}-${createHash('sha256').update(host).digest('hex').slice(0, 8)}`
}

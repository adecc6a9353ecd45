import {createHash} from 'node:crypto'
import type {TextCheck} from '../../../spec/field.ts'
import {dnsName} from '../../../spec/texts.ts'

/** A host that a certificate can name: a DNS name with at least one dot, whose first label may be `*`. */
export const certificateHost: TextCheck = text => {
  const plain = text.startsWith('*.') ? text.slice(2) : text
  return dnsName(plain) === undefined && plain.includes('.') ? undefined : 'is not a host (NAME.DOMAIN or *.DOMAIN)'
}

/**
 * Name of the Istio Gateway of a host, different for every host: `.` becomes `-`, `-` becomes `--`, `*.` becomes
 * `wildcard---`. It has at most 59 characters, so that the Secret's name with the suffix `-tls` is a DNS label too.
 */
export function gatewayNameOf(host: string): string {
  const plain = host.replace(/^\*\./, '').replaceAll('-', '--').replaceAll('.', '-')
  const name = host.startsWith('*.') ? `wildcard---${plain}` : plain
  if (name.length <= 59) return name
  return `${name.slice(0, 50).replace(/-+$/, '')}-${createHash('sha256').update(host).digest('hex').slice(0, 8)}`
}

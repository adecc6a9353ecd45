import {isIP} from 'node:net'
import type {TextCheck} from './field.ts'

/** DNS-1123 label, at most 63 characters (Kubernetes, apimachinery/pkg/util/validation). */
export const dnsLabel: TextCheck = text =>
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text) && text.length <= 63
    ? undefined
    : 'is not a DNS label (lower case letters, digits and -, at most 63)'

/** DNS-1123 subdomain, at most 253 characters. */
export const dnsName: TextCheck = text =>
  text.length <= 253 && text.split('.').every(label => dnsLabel(label) === undefined)
    ? undefined
    : 'is not a DNS name (labels of lower case letters, digits and -, joined by dots)'

/** Value of a Kubernetes label, at most 63 characters and not empty. Networks and mesh IDs follow the same rules. */
export const labelValue: TextCheck = text =>
  /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(text) && text.length <= 63
    ? undefined
    : 'is not a label value (letters, digits, -, _ and ., at most 63, a letter or digit at both ends)'

/** A host of a server in an Istio Gateway: `*`, `*.suffix` or a DNS name, optionally with a namespace: `namespace/host`. */
export const gatewayHost: TextCheck = text => {
  const slash = text.indexOf('/')
  const [scope, host] = slash < 0 ? [undefined, text] : [text.slice(0, slash), text.slice(slash + 1)]
  const problem = 'is not a host (NAME, *.SUFFIX or NAMESPACE/HOST)'
  if (scope !== undefined && scope !== '.' && scope !== '*' && dnsLabel(scope)) return problem
  return host === '*' || dnsName(host.startsWith('*.') ? host.slice(2) : host) === undefined ? undefined : problem
}

/**
 * URL of an API server: https, a host and at most a path, in printable ASCII. Go parses it later, so forms that Node
 * corrects silently are rejected: `https:host`, `https:///host`, a `%` without digits. `=` would make `CONTEXT=URL`
 * ambiguous.
 */
export const apiServerUrl: TextCheck = text => {
  const plain = /^https:\/\/[!-~]+$/.test(text) && !/[\\@?#=]|^https:\/\/\/|%(?![0-9A-Fa-f]{2})/.test(text)
  const fine = plain && URL.canParse(text)
  return fine ? undefined : 'is not an https URL (https://HOST:PORT)'
}

/** An http or https URL with a host, in printable ASCII and without a user name or password. */
export const httpUrl: TextCheck = text => {
  const url = /^https?:\/\/[!-~]+$/.test(text) ? URL.parse(text) : null
  return url?.hostname && url.username === '' && url.password === ''
    ? undefined
    : 'is not an http or https URL without a user name (https://HOST/PATH)'
}

/** An IPv4 or IPv6 address. An address with a zone (`fe80::1%eth0`) is valid on one machine only. */
export const ipAddress: TextCheck = text => (isIP(text) && !text.includes('%') ? undefined : 'is not an IP address')

/** An IPv4 or IPv6 address or a host name. */
export const addressOrHost: TextCheck = text => {
  // No top-level domain consists of digits (RFC 3696, section 2): the text is a mistyped IP address.
  const isName = dnsName(text) === undefined && !/(^|\.)\d+$/.test(text)
  return ipAddress(text) === undefined || isName ? undefined : 'is not an IP address or host name'
}

/** Name of a kubeconfig context: not empty, without characters that would break a line of output. */
export const contextName: TextCheck = text =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern rejects control characters
  /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+$/.test(text) ? undefined : 'is not a context name'

/**
 * Whether a URL points to the machine that uses it, so that another cluster cannot reach the same server by it.
 *
 * @param url a valid URL
 */
export function isLoopback(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host.startsWith('127.') ||
    host === '0.0.0.0' ||
    host === '::1' ||
    host === '::' ||
    // 127.0.0.0/8 mapped to IPv6
    /^::ffff:7f[0-9a-f]{2}:/.test(host)
  )
}

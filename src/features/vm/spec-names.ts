import {isIP} from 'node:net'
import {dnsName} from '../../spec/texts.ts'

/** What is wrong with the key of a Kubernetes label (`app`, `example.com/app`), or undefined. */
export function labelKeyProblem(text: string): string | undefined {
  const slash = text.indexOf('/')
  const [prefix, name] = slash < 0 ? [undefined, text] : [text.slice(0, slash), text.slice(slash + 1)]
  const isValid =
    (prefix === undefined || dnsName(prefix) === undefined) &&
    /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(name) &&
    name.length <= 63
  return isValid ? undefined : 'is not a label key ([PREFIX/]NAME)'
}

/** What is wrong with the value of a Kubernetes label, or undefined. The value may be empty. */
export function labelTextProblem(text: string): string | undefined {
  return /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/.test(text) && text.length <= 63
    ? undefined
    : 'is not a label value (letters, digits, -, _ and ., at most 63, a letter or digit at both ends)'
}

/** What is wrong with a locality (`region`, `region/zone` or `region/zone/subzone`), or undefined. */
export function localityProblem(text: string): string | undefined {
  return /^[^/\s*]+(\/[^/\s*]+){0,2}$/.test(text) ? undefined : 'is not REGION[/ZONE[/SUBZONE]]'
}

/** What is wrong with a host name of a VM, or undefined. Wildcards are rejected: a VM provides one service. */
export function hostProblem(text: string): string | undefined {
  return dnsName(text) !== undefined || isIP(text) ? 'is not a DNS name' : undefined
}

/** The Kubernetes Service that a host names (`web.vm.svc.cluster.local`, `web.vm.svc`). Undefined for any other host. */
export function clusterServiceOf(host: string, clusterDomain: string): {name: string; namespace: string} | undefined {
  const [name, namespace, svc, ...rest] = host.split('.')
  const domain = rest.join('.')
  if (!name || !namespace || svc !== 'svc' || (domain !== '' && domain !== clusterDomain)) return undefined
  return {name, namespace}
}

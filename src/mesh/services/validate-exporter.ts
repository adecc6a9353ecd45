import {addressOrHost, dnsLabel, dnsName, labelValue} from '../../spec/texts.ts'
import {isMap} from '../../text/json.ts'
import type {Exporter} from './objects.ts'
import {isProtocol} from './ports.ts'

/** Returns what is wrong with a value, to follow its name; undefined if nothing is. */
type Rule = (value: unknown) => string | undefined

/**
 * Returns why a value is not an exporter of a service, such as `port "x" is not a port`; undefined if it is one.
 *
 * Threat: the values become endpoints, accepted identities and the SNI of a service for all clients of a cluster. They come
 * from an annotation, from mesh configs, and from Services and WorkloadEntries of namespace administrators.
 *
 * @param namespace namespace of the service, in which all of its workloads run
 */
export function exporterProblem(value: unknown, namespace: string): string | undefined {
  if (!isMap(value)) return 'an exporter is not a map'
  const rules: Record<keyof Exporter, Rule> = {...exporterRules, identities: listOf(identityIn(namespace))}
  return fieldProblem(value, rules)
}

const portNumber: Rule = value =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535 ? undefined : 'is not a port'

const portRules: Record<string, Rule> = {
  name: text(dnsLabel),
  number: portNumber,
  protocol: value => (value === undefined || isProtocol(value) ? undefined : 'is not a protocol of Istio'),
}

const exporterRules: Record<Exclude<keyof Exporter, 'identities'>, Rule> = {
  addresses: listOf(text(addressOrHost)),
  port: portNumber,
  network: text(labelValue),
  locality: value => (value === undefined ? undefined : text(locality)(value)),
  ports: listOf(value => (isMap(value) ? fieldProblem(value, portRules) : 'is not a map')),
  clusterDomain: text(dnsName),
  byLabel: value => (value === undefined || value === true ? undefined : 'is not true'),
}

/** `region`, `region/zone` or `region/zone/subzone`, each the value of a node label. */
function locality(value: string): string | undefined {
  const parts = value.split('/')
  const valid = parts.length <= 3 && parts.every(part => labelValue(part) === undefined)
  return valid ? undefined : 'is not a locality'
}

/** `spiffe://DOMAIN/ns/NS/sa/NAME` (istio pkg/spiffe, 1.31). */
function identityIn(namespace: string): Rule {
  return text(value => {
    const [, domain = '', ns, account = ''] = /^spiffe:\/\/([^/]+)\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(value) ?? []
    const valid = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/.test(domain) && dnsName(account) === undefined
    return valid && ns === namespace ? undefined : `is not the identity of a workload in namespace ${namespace}`
  })
}

function fieldProblem(value: Record<string, unknown>, rules: Readonly<Record<string, Rule>>): string | undefined {
  for (const [field, rule] of Object.entries(rules)) {
    const problem = rule(value[field])
    if (problem !== undefined) return `${field} ${problem}`
  }
  return undefined
}

function text(check: (value: string) => string | undefined): Rule {
  return value => {
    if (typeof value !== 'string') return 'is not a text'
    const problem = check(value)
    return problem === undefined ? undefined : `${JSON.stringify(value.slice(0, 80))} ${problem}`
  }
}

function listOf(rule: Rule): Rule {
  return value => {
    if (!Array.isArray(value) || value.length === 0) return 'is not a list with at least one value'
    return value.map(rule).find(problem => problem !== undefined)
  }
}

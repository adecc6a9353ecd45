import {isDeepStrictEqual} from 'node:util'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Problem} from '../../errors.ts'
import {coversHost, hostOfRule} from '../../istio/mesh-host.ts'
import {contextFlags} from '../../spec/context-ref.ts'
import {someOf} from '../../text/count.ts'
import {shellWord} from '../../text/shell-word.ts'
import {buildServiceImport, globalHost, type ServiceImport} from './objects.ts'

/** Where imports are, and how to reach the cluster. */
export interface ImportsPlace {
  systemNamespace: string
  context: string
}

/**
 * Returns a problem for each DestinationRule that takes the place of an import's own rule: the SNI of its requests is then that of
 * the host under `.global`, for which the gateway of the exporter has no filter chain.
 *
 * istiod uses the rule in the namespace of the client, if one covers the host, and never merges it with others. In the namespace
 * of the host, it merges rules for the same host, and the older one decides (istio pilot/pkg/model/push_context.go and
 * destination_rule.go, 1.31).
 *
 * @param rules DestinationRules of all namespaces
 */
export function clientRuleProblems(
  imports: readonly ServiceImport[],
  rules: readonly KubernetesObject[],
  {systemNamespace, context}: ImportsPlace,
): Problem[] {
  return rules.flatMap(rule => {
    const {name, namespace = ''} = rule.metadata
    const isInside = namespace === systemNamespace
    const replaced = imports.filter(imported => replaces(rule, imported, isInside))
    if (replaced.length === 0) return []
    const clients = isInside ? 'all clients' : `clients in namespace ${namespace}`
    const host = globalHost(replaced[0]!)
    return [
      {
        message: `DestinationRule ${namespace}/${name} replaces the rule of ${someOf(replaced.map(globalHost))} for ${clients}: their requests have an SNI that no gateway accepts`,
        hints: [
          `kubectl ${contextFlags(context)} -n ${shellWord(namespace)} get destinationrule ${shellWord(name)} -o yaml`,
          `set its host to one without .global, or copy portLevelSettings of DestinationRule ${systemNamespace}/${host} to it`,
        ],
      },
    ]
  })
}

interface PortSettings {
  port?: {number?: number}
  tls?: unknown
}

interface RulePolicy {
  tls?: unknown
  portLevelSettings?: PortSettings[]
}

function replaces(rule: KubernetesObject, imported: ServiceImport, isInside: boolean): boolean {
  const host = globalHost(imported)
  const {clusterDomain} = Object.values(imported.exporters)[0]!
  const ruleHost = hostOfRule(rule, clusterDomain)
  // In the same namespace, the rule of the import is the most specific one.
  if (isInside ? rule.metadata.name === host || ruleHost !== host : !coversHost(ruleHost, host)) return false
  const own = buildServiceImport({cluster: '', systemNamespace: '', revision: undefined}, imported)
    .map(({object}) => object)
    .find(({kind}) => kind === 'DestinationRule')
  const ports = policyOf(own).portLevelSettings ?? []
  return !ports.every(({port, tls}) => isDeepStrictEqual(tlsFor(policyOf(rule), port?.number), tls))
}

function policyOf(rule: KubernetesObject | undefined): RulePolicy {
  return (rule?.spec as {trafficPolicy?: RulePolicy | null} | undefined)?.trafficPolicy ?? {}
}

/** The settings of a port replace those of all ports (istio.io/api networking/v1, TrafficPolicy.PortTrafficPolicy). */
function tlsFor({tls, portLevelSettings}: RulePolicy, number: number | undefined): unknown {
  const ofPort = Array.isArray(portLevelSettings)
    ? portLevelSettings.find(({port}) => port?.number === number)
    : undefined
  return ofPort ? ofPort.tls : tls
}

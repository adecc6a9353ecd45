import {managerOf} from '../../../engine/kubernetes/manager.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Check, Finding} from '../../../findings/check.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import {dnsLabel, isLoopback} from '../../../spec/texts.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {parseYaml} from '../../../text/yaml.ts'
import type {KialiEnvironment} from './read.ts'

/** What the checks before Kiali is connected receive. */
export interface ConnectSubject {
  home: Pick<MeshMember, 'context' | 'cluster' | 'facts'>
  deployment: KubernetesObject
  targets: readonly Pick<MeshMember, 'context' | 'cluster' | 'server' | 'facts'>[]
  /** URLs that the user has set, now or before, by context. */
  servers: Readonly<Record<string, string>>
  environment: KialiEnvironment
}

type ConnectCheck = Check<ConnectSubject>

const names: ConnectCheck = {
  id: 'kiali-clusters',
  about: 'the clusters that Kiali reads are different, and have names that a Secret can contain',
  run: ({home, targets}) => {
    const all = [home, ...targets]
    return all.flatMap(({cluster, context, facts}, at): Finding[] => {
      const other = all.slice(0, at).find(one => one.cluster === cluster || (facts && one.facts?.uid === facts.uid))
      if (other)
        return [
          other.cluster === cluster
            ? {
                message: `contexts ${other.context} and ${context} have the same name in the mesh: ${cluster}`,
                hints: ['set --cluster-name'],
              }
            : {message: `contexts ${other.context} and ${context} are the same cluster`},
        ]
      if (cluster === home.cluster || dnsLabel(cluster) === undefined) return []
      return [
        {
          message: `${context}: the name of the cluster, ${cluster}, ${dnsLabel(cluster)}`,
          hints: ['set --cluster-name'],
        },
      ]
    })
  },
}

const servers: ConnectCheck = {
  id: 'kiali-api-server',
  about: 'Kiali reaches the API servers and can verify their certificates',
  run: ({targets, servers: set, environment}) =>
    targets.flatMap(({cluster, context, server}): Finding[] => {
      const hints = [`--server ${shellWord(`${context}=https://HOST:PORT`)} with an address that Kiali can reach`]
      if (server !== undefined && isLoopback(server) && set[context] === undefined)
        return [
          {cluster, message: `its API server address ${server} is a loopback address, which Kiali cannot reach`, hints},
        ]
      const problem = environment.certificates.get(cluster)
      if (problem === undefined) return []
      return [{cluster, message: `the certificate of its API server ${server} cannot be verified (${problem})`, hints}]
    }),
}

/** kiali.io, "Multi-cluster", 2.x: anonymous, OpenID and OpenShift. */
const login: ConnectCheck = {
  id: 'kiali-login',
  about: 'the login of Kiali supports several clusters',
  run: ({home, environment}) => {
    const strategy = valueIn(environment.config, ['auth', 'strategy'])
    if (strategy !== 'token' && strategy !== 'header') return []
    return [
      {
        cluster: home.cluster,
        message: `the login of Kiali is ${strategy}, which supports one cluster only`,
        hints: ['kubectl mesh addon install kiali with --auth openid or --auth anonymous changes it'],
      },
    ]
  },
}

/** Kiali has one Prometheus for all clusters (kiali.io, "Multi-cluster", requirements). */
const metrics: ConnectCheck = {
  id: 'kiali-metrics',
  about: 'Kiali reads metrics of all clusters',
  run: ({home, targets, environment}) => {
    const url = valueIn(environment.config, ['external_services', 'prometheus', 'url'])
    const isOwn = url === undefined || /^http:\/\/prometheus(?:[.:/]|$)/.test(url)
    if (!isOwn || environment.prometheus.some(collectsOthers)) return []
    return [
      {
        level: 'warning',
        cluster: home.cluster,
        message: `Kiali reads the Prometheus of the same cluster${url === undefined ? '' : ` (${url})`}, which has no metrics of ${targets.map(({cluster}) => cluster).join(', ')}: graphs show no traffic there`,
        hints: [
          'collect the metrics of all clusters in one place (federation of Prometheus, Thanos, OpenTelemetry), then: kubectl mesh addon install kiali --prometheus-url URL',
        ],
      },
    ]
  },
}

/** Whether a Prometheus reads others (`/federate`), or accepts their metrics (remote write). */
function collectsOthers({kind, data, spec}: KubernetesObject): boolean {
  const text = JSON.stringify((kind === 'ConfigMap' ? data : spec) ?? {})
  return kind === 'ConfigMap' ? text.includes('/federate') : text.includes('web.enable-remote-write-receiver')
}

/** A tool that manages Kiali would remove the mounts, and has another way to add them. */
const manager: ConnectCheck = {
  id: 'kiali-mounts',
  about: 'the pods of Kiali mount its Secrets',
  run: ({home, deployment}) => {
    const found = managerOf(deployment)
    if (!found) return []
    const {name, namespace = ''} = deployment.metadata
    return [
      {
        level: 'warning',
        cluster: home.cluster,
        message: `${found.name} manages Deployment ${name}, so the Secrets are not mounted into its pods; the chart and the operator of Kiali find them by their label`,
        hints: [
          found.tool === 'helm'
            ? `run helm upgrade ${shellWord(found.release?.name ?? name)}`
            : 'let this tool update Kiali',
          `then check it: kubectl ${contextFlags(home.context)} -n ${shellWord(namespace)} rollout status deployment ${shellWord(name)}`,
        ],
      },
    ]
  },
}

function valueIn(text: string, path: readonly string[]): string | undefined {
  let value = parseYaml(text)
  for (const key of path) value = (value as Record<string, unknown> | null | undefined)?.[key]
  return typeof value === 'string' ? value : undefined
}

/** Checks before Kiali is connected to other clusters. */
export const connectChecks: readonly ConnectCheck[] = [names, servers, login, metrics, manager]

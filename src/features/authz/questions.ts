import {isApiService} from '../../engine/kubernetes/api-service.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Raw} from '../../spec/field.ts'
import type {RawSpec} from '../../spec/read.ts'
import {dnsLabel} from '../../spec/texts.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import {askChoice, askText} from '../../terminal/prompts.ts'
import {isGatewayPod, podsOf, portsOf} from './istio-services.ts'
import type {AuthzFacts} from './read.ts'
import type {authzAttachFields} from './spec.ts'

type RawAttach = RawSpec<typeof authzAttachFields>

/** Asks for the name, unless it is set. */
export async function askAuthzName(raw: RawAttach, terminal: Terminal): Promise<RawAttach> {
  if (raw.name !== undefined) return raw
  const question = {message: 'Name of the authorizer:', fallback: 'ext-authz', check: dnsLabel}
  return {...raw, name: await askText(terminal, question)}
}

/**
 * Asks for what is missing, with choices from the cluster.
 *
 * @param merged the input with the settings of earlier runs
 * @returns the answers only
 */
export async function askAuthz(merged: RawAttach, facts: AuthzFacts, terminal: Terminal): Promise<RawAttach> {
  const needsTarget = merged.to === undefined && merged.selector === undefined
  if (merged.service !== undefined && !needsTarget) return {}
  const answers: Record<string, Raw> = {}
  if (merged.service === undefined) answers.service = await askService(facts, terminal)
  if (merged.type === undefined)
    answers.type = await askChoice(terminal, 'Which protocol does the authorizer use?', [
      {name: "Envoy's ext_authz over gRPC", value: 'grpc'},
      {name: 'HTTP: it receives the request, and status 200 allows it', value: 'http'},
    ])
  if (needsTarget) Object.assign(answers, await askTarget(facts, terminal))
  return answers as RawAttach
}

async function askService(facts: AuthzFacts, terminal: Terminal): Promise<string> {
  const choices = facts.services.filter(isApplication).flatMap(service =>
    portsOf(service).map(({number, protocol}) => ({
      name: `${service.metadata.name}.${service.metadata.namespace}   port ${number} ${protocol}`,
      value: `${service.metadata.name}.${service.metadata.namespace}.svc:${number}`,
    })),
  )
  return askChoice(terminal, 'Which Service is the authorizer?', choices)
}

async function askTarget(facts: AuthzFacts, terminal: Terminal): Promise<{namespace: string; to: string}> {
  const gateways = facts.services.filter(service => podsOf(service, facts).some(isGatewayPod))
  const workloads = facts.workloads
    .filter(isApplication)
    .filter(({metadata}) => !gateways.some(gateway => gateway.metadata.name === metadata.name))
  const choices = [
    ...gateways.map(({metadata}) => ({kind: 'gateway', metadata})),
    ...workloads.map(({metadata}) => ({kind: 'workload', metadata})),
  ].map(({kind, metadata}) => ({
    name: `${kind} ${metadata.name}   namespace ${metadata.namespace}`,
    value: `${metadata.namespace} ${kind}/${metadata.name}`,
  }))
  const answer = await askChoice(terminal, 'Which gateway or workload should it protect?', choices)
  const [namespace = '', to = ''] = answer.split(' ')
  return {namespace, to}
}

/** Whether an object is neither the API server nor an istiod, which no authorizer is or protects. */
function isApplication(object: KubernetesObject): boolean {
  return object.metadata.labels?.app !== 'istiod' && !isApiService(object)
}

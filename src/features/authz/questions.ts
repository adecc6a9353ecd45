import {isSelected} from '../../istio/selectors.ts'
import type {Raw} from '../../spec/field.ts'
import type {RawSpec} from '../../spec/read.ts'
import {dnsLabel} from '../../spec/texts.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import {askChoice, askText} from '../../terminal/prompts.ts'
import {type AuthzFacts, isGatewayPod, portsOf} from './read.ts'
import type {authzAttachFields} from './spec.ts'

type RawAttach = RawSpec<typeof authzAttachFields>

/** Asks for what an authorizer lacks, with what was found. Returns `raw` itself when there was nothing to ask. */
export async function askAuthz(
  raw: RawAttach,
  look: () => Promise<AuthzFacts>,
  terminal: Terminal,
): Promise<RawAttach> {
  const needsTarget = raw.to === undefined && raw.selector === undefined
  if (raw.name !== undefined && raw.service !== undefined && !needsTarget) return raw
  const answered: Record<string, Raw> = {...raw}
  if (raw.name === undefined)
    answered.name = await askText(terminal, {
      message: 'Name of the authorizer:',
      fallback: 'ext-authz',
      check: dnsLabel,
    })
  const facts = await look()
  if (raw.service === undefined) answered.service = await askService(facts, terminal)
  if (raw.type === undefined)
    answered.type = await askChoice(terminal, 'What does it speak?', [
      {name: "Envoy's ext_authz over gRPC", value: 'grpc'},
      {name: 'HTTP: the request is sent to it, 200 lets it through', value: 'http'},
    ])
  if (needsTarget) {
    const {namespace, to} = await askTarget(facts, terminal)
    answered.to = to
    answered.namespace = namespace
  }
  return answered as RawAttach
}

async function askService(facts: AuthzFacts, terminal: Terminal): Promise<string> {
  const choices = facts.services.flatMap(service =>
    portsOf(service).map(({number, said}) => ({
      name: `${service.metadata.name}.${service.metadata.namespace}   port ${number} ${said}`,
      value: `${service.metadata.name}.${service.metadata.namespace}.svc:${number}`,
    })),
  )
  return askChoice(terminal, 'Which Service is the authorizer?', choices)
}

async function askTarget(facts: AuthzFacts, terminal: Terminal): Promise<{namespace: string; to: string}> {
  const gateways = facts.services.filter(service => {
    const {selector} = (service.spec ?? {}) as {selector?: Record<string, string>}
    return facts.pods.some(
      pod =>
        pod.metadata.namespace === service.metadata.namespace &&
        isSelected(selector, pod.metadata.labels) &&
        isGatewayPod(pod),
    )
  })
  const choices = [
    ...gateways.map(({metadata}) => ({
      name: `gateway ${metadata.name}   namespace ${metadata.namespace}`,
      value: `${metadata.namespace} gateway/${metadata.name}`,
    })),
    ...facts.workloads
      .filter(({metadata}) => !gateways.some(one => one.metadata.name === metadata.name))
      .map(({metadata}) => ({
        name: `workload ${metadata.name}   namespace ${metadata.namespace}`,
        value: `${metadata.namespace} workload/${metadata.name}`,
      })),
  ]
  const [namespace = '', to = ''] = (await askChoice(terminal, 'In front of what does it stand?', choices)).split(' ')
  return {namespace, to}
}

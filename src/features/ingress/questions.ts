import {idLabel} from '../../engine/kubernetes/applyset-parent.ts'
import type {Asker} from '../../run/ask-missing.ts'
import {connect} from '../../run/run.ts'
import {namespaceOf} from '../../run/where.ts'
import type {Raw} from '../../spec/field.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {dnsLabel} from '../../spec/texts.ts'
import {askChoice, askText} from '../../terminal/prompts.ts'
import {ingressApplySet} from './objects.ts'
import {type ingressDeployFields, ingressRemoveFields} from './spec-deploy.ts'

type RawDeploy = RawSpec<typeof ingressDeployFields>
type RawRemove = RawSpec<typeof ingressRemoveFields>

/**
 * Asks for the place of a gateway and how clients reach it, if the input sets none of them: each has a default, so that any flag
 * shows that the user knows them. Returns the answers only.
 */
export async function askDeploy(raw: RawDeploy, {access, context, terminal}: Asker): Promise<RawDeploy> {
  if (Object.keys(raw).length > 0) return {}
  const name = await askText(terminal, {
    message: 'Name of the gateway:',
    fallback: 'istio-ingressgateway',
    check: dnsLabel,
  })
  const cluster = await connect(access, context)
  const live = (await cluster.list({apiVersion: 'v1', kind: 'Namespace'})).map(({metadata}) => metadata.name)
  const known = live.filter(one => !/^kube-/.test(one)).sort()
  const own = namespaceOf(context, access)
  const sorted = [...known.filter(one => one === own), ...known.filter(one => one !== own)]
  const chosen = await askChoice(terminal, 'In which namespace?', [
    ...sorted.map(value => ({name: value, value})),
    {name: 'a new one', value: ''},
  ])
  const namespace =
    chosen === '' ? await askText(terminal, {message: 'Name of the new namespace:', check: dnsLabel}) : chosen
  const exposure = await askChoice(terminal, 'How do clients reach it?', [
    {name: 'load balancer   a Service of type LoadBalancer', value: 'LoadBalancer'},
    {name: 'node ports      a Service of type NodePort', value: 'NodePort'},
    {name: 'host ports      ports 80 and 443 of each node, from a DaemonSet', value: 'host'},
  ])
  const place = {name, namespace}
  if (exposure === 'host') return {...place, kind: 'daemonset', hostPorts: ['80:8080', '443:8443']}
  return exposure === 'LoadBalancer' ? place : {...place, serviceType: exposure}
}

/** Asks for a gateway that `ingress deploy` recorded, unless the input names one. Returns the answers only. */
export async function askRecordedGateway(
  raw: RawRemove,
  {access, context, terminal}: Asker,
): Promise<{name?: Raw; namespace?: Raw}> {
  if (raw.name !== undefined) return {}
  const {systemNamespace} = readSpec(ingressRemoveFields, {systemNamespace: raw.systemNamespace})
  const cluster = await connect(access, context)
  const maps = await cluster.list(
    {apiVersion: 'v1', kind: 'ConfigMap'},
    {namespace: systemNamespace, labelSelector: idLabel},
  )
  const prefix = ingressApplySet({name: '', namespace: '', systemNamespace}).name.slice(0, -1)
  const recorded = maps
    .map(({metadata}) => metadata.name)
    .filter(one => one.startsWith(prefix))
    .map(one => one.slice(prefix.length))
    .filter(one => raw.namespace === undefined || one.startsWith(`${raw.namespace}.`))
    .sort()
  // The command reports the missing name.
  if (recorded.length === 0) return {}
  const answer = await askChoice(
    terminal,
    'Which gateway?',
    recorded.map(value => ({name: value.replace('.', '/'), value})),
  )
  const dot = answer.indexOf('.')
  const [namespace, name] = [answer.slice(0, dot), answer.slice(dot + 1)]
  return {name, ...(raw.namespace === undefined ? {namespace} : {})}
}

import {isDeepStrictEqual} from 'node:util'
import {type KubernetesObject, type ObjectRef, refKey} from '../../engine/kubernetes/object.ts'
import type {ClusterPlan, Step} from '../../engine/plan/plan.ts'
import {takenFields} from '../../engine/plan/taken.ts'
import {webhooksOf} from '../../istio/injection.ts'
import {istiodContainer} from '../../istio/istiod.ts'
import {count, someOf} from '../../text/count.ts'

const workloads: readonly string[] = ['Deployment', 'DaemonSet', 'StatefulSet']

/** ConfigMaps with the configuration of the DNS server of a cluster (see `src/mesh/dns/facts.ts`). */
const dnsMaps: readonly string[] = ['coredns', 'coredns-custom', 'kube-dns', 'dnsmasq', 'node-local-dns']

/** Keys of Secrets that hold certificates; a changed key pair always has a changed certificate. */
const certificateKey = /(?:^|[.-])(?:crt|cert)(?:$|[.-])|\.pem$/

/**
 * Describes what the user has to know before a plan is applied, one sentence without a full stop each, without the name of
 * the cluster. Fields that other tools revert and settings that widen access are reported elsewhere.
 *
 * @param manager our field manager
 */
export function risksOf({steps}: ClusterPlan, manager: string): string[] {
  const changed = steps.filter(({verdict}) => verdict === 'update' || verdict === 'create' || verdict === 'remove')
  const all = [
    ...deletions(changed),
    ...restarts(changed),
    ...certificates(changed),
    ...meshConfigs(changed),
    ...dnsChanges(changed),
    ...takenOver(changed, manager),
  ]
  return [...new Set(all)]
}

/** Objects whose deletion deletes others too, and those that are created again. */
function deletions(steps: readonly Step[]): string[] {
  const applied = new Set(steps.filter(({verdict}) => verdict !== 'remove').map(({ref}) => refKey(ref)))
  const removed = steps.filter(({verdict}) => verdict === 'remove').map(({ref}) => ref)
  const namesOf = (kind: string) => removed.filter(ref => ref.kind === kind).map(({name}) => name)
  const [namespaces, definitions] = [namesOf('Namespace'), namesOf('CustomResourceDefinition')]
  const replaced = removed.filter(ref => applied.has(refKey(ref)))
  const injectors = steps
    .filter(({verdict, live}) => verdict === 'remove' && live && isInjector(live))
    .map(({ref}) => ref)
    .filter(ref => !applied.has(refKey(ref)))
  const stopped = removed.filter(ref => workloads.includes(ref.kind) && !applied.has(refKey(ref)))
  return [
    ...(namespaces.length > 0 ? [`everything in ${nounOf(namespaces, 'namespace')} is deleted`] : []),
    ...(definitions.length > 0
      ? [`all resources of ${nounOf(definitions, 'CustomResourceDefinition')} are deleted`]
      : []),
    ...(injectors.length > 0
      ? [`${someOf(injectors.map(placeOf))} injects sidecars and is deleted: new pods get none from it`]
      : []),
    ...replaced.map(ref => `${placeOf(ref)} is deleted and created again`),
    ...(stopped.length > 0 ? [`the pods of ${someOf(stopped.map(placeOf))} are deleted`] : []),
  ]
}

/** Whether istiod injects sidecars for a webhook configuration. Other webhooks have other effects. */
function isInjector(object: KubernetesObject): boolean {
  return (
    object.kind === 'MutatingWebhookConfiguration' &&
    webhooksOf(object).some(({clientConfig}) => clientConfig?.service?.path?.startsWith('/inject'))
  )
}

function restarts(steps: readonly Step[]): string[] {
  const changed = steps.filter(({ref, live, merged}) => {
    if (!workloads.includes(ref.kind) || !live || !merged) return false
    return !isDeepStrictEqual(templateOf(live), templateOf(merged))
  })
  return changed.length > 0 ? [`the pods of ${someOf(changed.map(({ref}) => placeOf(ref)))} restart`] : []
}

function templateOf({spec}: KubernetesObject): unknown {
  return (spec as {template?: unknown} | undefined)?.template
}

function certificates(steps: readonly Step[]): string[] {
  const startsIstiod = steps.some(({verdict, merged}) => verdict === 'create' && merged && istiodContainer(merged))
  return steps.flatMap(({ref, verdict, live, merged}) => {
    if (ref.kind !== 'Secret' || !merged) return []
    if (ref.name === 'cacerts' && verdict === 'create')
      return startsIstiod ? [] : ['istiod starts to use the new CA only after a restart']
    if (!live || !hasOtherCertificate(live, merged)) return []
    return [replacedCertificate(ref)]
  })
}

/** The risk of a Secret whose certificate changes. */
export function replacedCertificate(ref: Pick<ObjectRef, 'kind' | 'namespace' | 'name'>): string {
  return `the certificate in ${placeOf(ref)} is replaced`
}

function hasOtherCertificate(live: KubernetesObject, merged: KubernetesObject): boolean {
  const [before, after] = [dataOf(live), dataOf(merged)]
  return Object.keys({...before, ...after}).some(key => certificateKey.test(key) && before[key] !== after[key])
}

function dataOf({data}: KubernetesObject): Record<string, string> {
  return (data ?? {}) as Record<string, string>
}

/** An istiod reads a new mesh config at once, and sends the result to every proxy. */
function meshConfigs(steps: readonly Step[]): string[] {
  return steps.flatMap(({ref, change, live}) => {
    if (ref.kind !== 'ConfigMap' || !live || dataOf(live).mesh === undefined) return []
    const about = aboutOf(change)
    return about === undefined ? [] : [`the mesh config in ${placeOf(ref)} changes for all proxies: ${about}`]
  })
}

function dnsChanges(steps: readonly Step[]): string[] {
  return steps.flatMap(({ref, change, live}) => {
    const isDns = ref.kind === 'DNS' || (ref.kind === 'ConfigMap' && dnsMaps.includes(ref.name))
    if (!isDns || !live) return []
    const about = aboutOf(change)
    return [
      `the DNS server of all pods reads a new configuration, ${placeOf(ref)}${about === undefined ? '' : `: ${about}`}`,
    ]
  })
}

/** What the edits of a text are about. Undefined for other changes. */
function aboutOf(change: Step['change']): string | undefined {
  if (change.action !== 'edit') return undefined
  const texts = change.edits.flatMap(edit => ('about' in edit ? [edit.about] : []))
  return texts.length > 0 ? texts.join('; ') : undefined
}

function takenOver(steps: readonly Step[], manager: string): string[] {
  return steps.flatMap(step =>
    takenFields(step, manager).map(
      taken =>
        `${placeOf(step.ref)}: ${someOf(taken.fields)} ${taken.fields.length === 1 ? 'is' : 'are'} taken over from ${taken.manager}`,
    ),
  )
}

/** `Deployment istio-system/istiod`. */
function placeOf({kind, namespace, name}: Pick<ObjectRef, 'kind' | 'namespace' | 'name'>): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`
}

/** `namespace a`, or `2 namespaces (a, b)`. */
function nounOf(names: readonly string[], noun: string): string {
  return names.length === 1 ? `${noun} ${names[0]}` : `${count(names.length, noun)} (${someOf(names)})`
}

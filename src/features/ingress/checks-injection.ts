import {controlPlaneExists} from '../../control-plane/checks.ts'
import {resolveRevision, webhooksOf} from '../../istio/injection.ts'
import {meshConfigOf} from '../../istio/mesh-config.ts'
import {isDiscovered, matchesSelector} from '../../istio/selectors.ts'
import type {IngressCheck, IngressSubject} from './checks-subject.ts'
import {podLabels} from './objects.ts'

const controlPlane: IngressCheck = {
  ...controlPlaneExists,
  run: ({spec, facts}) =>
    controlPlaneExists.run({
      spec: {systemNamespace: spec.systemNamespace, revision: resolveRevision(spec.revision, facts.injectors)},
      controlPlane: facts.controlPlane,
    }),
}

/** Without injection the image of the gateway stays `auto`, and its pods never start. */
const injected: IngressCheck = {
  id: 'injection',
  about: 'the injector of the revision injects the pods of the gateway',
  run: subject => {
    const {spec, facts} = subject
    const {namespace} = spec
    if (facts.namespace?.metadata.labels?.['istio-injection'] === 'disabled')
      return [
        {
          message: `namespace ${namespace} is labelled istio-injection=disabled; the gateway requires injection`,
          hints: [`kubectl label namespace ${namespace} istio-injection-`, 'or use another namespace: -n NS'],
        },
      ]
    const expected = resolveRevision(spec.revision, facts.injectors) ?? 'default'
    const injecting = injectingRevisions(subject)
    if (injecting.includes(expected)) return []
    return [
      {
        message:
          injecting.length > 0
            ? `in namespace ${namespace}, revision ${injecting.join(', ')} injects the gateway; expected ${expected}`
            : `no injector of revision ${expected} injects pods in namespace ${namespace}`,
        hints: [revisionHint(subject)],
      },
    ]
  },
}

/** Revisions whose webhooks match the pods of the gateway. */
function injectingRevisions(subject: IngressSubject): string[] {
  const {spec, facts} = subject
  const labels = namespaceLabels(subject)
  const pod = podLabels(spec)
  const matching = facts.injectors.filter(configuration =>
    webhooksOf(configuration).some(
      ({namespaceSelector, objectSelector}) =>
        matchesSelector(namespaceSelector, labels) && matchesSelector(objectSelector, pod),
    ),
  )
  return [...new Set(matching.map(({metadata}) => metadata.labels!['istio.io/rev']!))]
}

function revisionHint({spec, facts}: IngressSubject): string {
  const revision = facts.namespace?.metadata.labels?.['istio.io/rev']
  return revision === undefined
    ? 'kubectl get mutatingwebhookconfigurations -l istio.io/rev'
    : `namespace ${spec.namespace} is labelled istio.io/rev=${revision}: add --revision ${revision}, or use another namespace`
}

/** istiod sends no configuration to gateways in namespaces that it does not watch. */
const discovered: IngressCheck = {
  id: 'discovered',
  about: 'istiod watches the namespace',
  run: subject => {
    const {namespace} = subject.spec
    const {discoverySelectors = []} = meshConfigOf(subject.facts.controlPlane.meshText)
    if (isDiscovered(discoverySelectors, namespaceLabels(subject))) return []
    return [
      {
        message: `istiod does not watch namespace ${namespace}: its labels match none of the discoverySelectors in the mesh config`,
        hints: ['label the namespace to match one of them', 'or use a namespace that istiod watches: -n NS'],
      },
    ]
  },
}

/** Labels of the namespace, also of one that does not exist yet. */
function namespaceLabels({spec, facts}: IngressSubject): Record<string, string> {
  return {'kubernetes.io/metadata.name': spec.namespace, ...facts.namespace?.metadata.labels}
}

/** Checks that istiod configures and injects the gateway. */
export const injectionChecks: readonly IngressCheck[] = [controlPlane, injected, discovered]

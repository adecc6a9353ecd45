import type {Outcome} from '../../../engine/plan/apply.ts'
import {istiodContainer} from '../../../istio/istiod.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import {flagsFor} from '../../../spec/read.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {servesAmbient} from '../ambient/spec.ts'
import type {Federation} from '../spec.ts'
import {federationStatusFields} from '../status/spec.ts'

/**
 * Returns the commands that a user runs after a federation, each ready to paste: the verification, restarts of istiods that do
 * not use a new CA yet, the export that shares a Service in ambient mode, and the labels with which namespaces get sidecars of a new control plane.
 *
 * @param all the clusters, as they were before the run
 * @param connection flags that select the user and the kubeconfig, quoted; '' for none
 */
export function nextSteps(
  spec: Federation,
  all: readonly MeshMember[],
  outcomes: readonly Outcome[],
  connection: string,
): string[] {
  const flags = flagsFor(federationStatusFields, spec).map(shellWord)
  const connected = connection === '' ? [] : [connection]
  const verify = ['kubectl mesh federate verify', ...flags, ...connected].join(' ')
  const created = outcomes.filter(({result, step}) => result === 'ok' && step.verdict === 'create')
  const {network: _network, ...exportFields} = federationStatusFields
  const share = ['kubectl mesh service export NAME -n NAMESPACE', ...flagsFor(exportFields, spec).map(shellWord)]
  return [
    verify,
    ...(servesAmbient(spec) ? [[...share, ...connected].join(' ')] : []),
    ...all.flatMap(({context, cluster, controlPlane}) => {
      const own = created.filter(outcome => outcome.cluster === cluster).map(({step}) => step)
      const kubectl = `kubectl ${contextFlags(context)}`
      const hasNewIstiod = own.some(({merged}) => merged !== undefined && istiodContainer(merged) !== undefined)
      if (hasNewIstiod) return [`${kubectl} label namespace NAMESPACE ${shellWord(injectionLabel(spec))}`]
      const hasNewCa = own.some(({ref}) => ref.kind === 'Secret' && ref.name === 'cacerts')
      if (!hasNewCa || !controlPlane) return []
      return [`${kubectl} -n ${shellWord(controlPlane.namespace)} rollout restart deployment -l app=istiod`]
    }),
  ]
}

function injectionLabel({revision}: Federation): string {
  return revision === undefined ? 'istio-injection=enabled' : `istio.io/rev=${revision}`
}

import {controlPlaneClustersAnnotation} from '../../../engine/kubernetes/labels.ts'
import {isControlledBy} from '../../../istio/remote.ts'
import {clusterInRecord, readRemoteRecord} from '../../../mesh/record.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {forEachRemote} from './for-each.ts'
import type {FederationCheck} from './subject.ts'

const noIstiod: FederationCheck = {
  id: 'remote-istiod',
  about: 'remotes run no istiod of the revision',
  lasting: {mode: 'primary-remote', role: 'remote'},
  run: forEachRemote((remote, primary, {spec}) => {
    if (!remote.controlPlane) return undefined
    const kubectl = `kubectl ${contextFlags(remote.context)} -n ${spec.systemNamespace}`
    return {
      message: `the cluster runs istiod of revision ${remote.controlPlane.revision}; a remote of ${primary.cluster} must not run one`,
      hints: [
        '--mode multi-primary joins clusters that each run istiod',
        `or uninstall it first with the tool that installed it: ${kubectl} get deployments -l app=istiod -o yaml`,
      ],
    }
  }),
}

const annotation: FederationCheck = {
  id: 'remote-annotation',
  about: 'the system namespace of a remote is annotated with its primary',
  lasting: {mode: 'primary-remote', role: 'remote'},
  run: forEachRemote((remote, primary, {spec}) => {
    const live = remote.facts?.namespace?.metadata.annotations?.[controlPlaneClustersAnnotation]
    const record = readRemoteRecord(remote.facts?.record)
    // An annotation that still has the value that an earlier run set is replaced.
    const isOurs = record?.ownsAnnotation && live === record.primary
    if (!live || isControlledBy(live, primary.cluster) || isOurs) return undefined
    return {
      message: `namespace ${spec.systemNamespace} is annotated ${controlPlaneClustersAnnotation}=${live}; expected ${primary.cluster}`,
      hints: [
        `kubectl ${contextFlags(remote.context)} annotate namespace ${spec.systemNamespace} ${controlPlaneClustersAnnotation}-`,
        `then run this command again, if the cluster is no longer a remote of ${live}`,
      ],
    }
  }),
}

/** Under a second name, a remote would be registered in the primary twice. */
const sameName: FederationCheck = {
  id: 'remote-name',
  about: 'a remote has the name under which it joined',
  lasting: {mode: 'primary-remote', role: 'remote'},
  run: forEachRemote((remote, primary) => {
    const {record} = remote.facts ?? {}
    const joinedAs = readRemoteRecord(record) && clusterInRecord(record)
    if (joinedAs === undefined || joinedAs === remote.cluster) return undefined
    const name = `--cluster-name ${shellWord(`${remote.context}=${joinedAs}`)}`
    return {
      message: `the cluster is registered in ${primary.cluster} as ${joinedAs}; ${remote.cluster} would be a second registration`,
      hints: [
        name,
        `or remove it first: kubectl mesh federate remove --contexts ${shellWord(remote.context)} --from ${shellWord(primary.context)} ${name}`,
      ],
    }
  }),
}

/** Checks of remotes, except how they are set up. */
export const remoteChecks: readonly FederationCheck[] = [noIstiod, annotation, sameName]

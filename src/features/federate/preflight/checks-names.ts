import {dnsLabel} from '../../../spec/texts.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {forEachMember} from './for-each.ts'
import {installHints} from './install-hint.ts'
import type {FederationCheck} from './subject.ts'

const distinctClusters: FederationCheck = {
  id: 'distinct-clusters',
  about: 'each context refers to a different cluster',
  lasting: {},
  run: forEachMember((member, {all}) => {
    const earlier = all.slice(0, all.indexOf(member))
    const same = earlier.find(other => other.facts?.uid && other.facts.uid === member.facts?.uid)
    if (!same) return undefined
    return {
      message: `contexts ${same.context} and ${member.context} refer to the same cluster`,
      hints: ['specify only one context for each cluster'],
    }
  }),
}

const clusterNames: FederationCheck = {
  id: 'cluster-names',
  about: 'cluster names are unique DNS labels',
  lasting: {},
  // The findings name contexts, because a name that is not unique does not identify a cluster.
  run: ({all}) =>
    all.flatMap(({cluster, context}, at) => {
      const hint = `--cluster-name ${shellWord(`${context}=NAME`)}`
      const problem = dnsLabel(cluster)
      if (problem) return [{message: `context ${context}: the cluster name ${cluster} ${problem}`, hints: [hint]}]
      const same = all.slice(0, at).find(other => other.cluster === cluster)
      if (!same) return []
      return [
        {
          message: `contexts ${same.context} and ${context} have the same cluster name ${cluster}`,
          hints: [hint, 'and set the same name in its istiod (values.global.multiCluster.clusterName)'],
        },
      ]
    }),
}

/** istiod uses the key of a remote Secret as the cluster ID, not the ID that the cluster itself reports: both must be equal. */
const clusterId: FederationCheck = {
  id: 'cluster-name-fits',
  about: "istiod's cluster ID is the cluster name in the mesh",
  lasting: {role: 'primary'},
  run: forEachMember((member, {spec}) => {
    const found = member.controlPlane?.cluster
    // In gateways mode there are no remote Secrets, so the cluster ID of istiod does not matter.
    if (!member.controlPlane || found === member.cluster || spec.mode === 'gateways') return undefined
    const isConfigured = found !== undefined && found !== 'Kubernetes'
    return {
      message: `istiod ${found === undefined ? 'has no cluster ID' : `has the cluster ID ${found}`}; expected ${member.cluster}`,
      hints: [
        ...installHints(member, spec),
        ...(isConfigured ? [`or --cluster-name ${shellWord(`${member.context}=${found}`)}`] : []),
      ],
    }
  }),
}

/** Checks of the names under which clusters join. */
export const nameChecks: readonly FederationCheck[] = [distinctClusters, clusterNames]

/** Checks of the names that control planes have. */
export const clusterIdChecks: readonly FederationCheck[] = [clusterId]

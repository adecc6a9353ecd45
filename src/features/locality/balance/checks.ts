import {
  controlPlaneChecks,
  localitiesCurrent,
  localityBalancingAfterSwitch,
  localityBalancingOn,
} from '../checks-mesh.ts'
import {nodeLocalities} from '../istio-endpoints.ts'
import {ztunnelBalances} from './checks-ambient.ts'
import {type BalanceCheck, hostsExist, localitiesExist, nothingDropped} from './checks-hosts.ts'
import {noClientRules, preferCloseSupported, ruleAllowsSettings} from './checks-rules.ts'

const balancingOn: BalanceCheck = {
  ...localityBalancingOn,
  run: subject => (subject.spec.meshWide === 'on' ? localityBalancingAfterSwitch : localityBalancingOn).run(subject),
}

/** Without regions, istiod compares zones (observed with 1.31). */
const nodesHaveLocality: BalanceCheck = {
  id: 'nodes-labelled',
  about: 'all nodes have a region or a zone',
  run: ({facts}) => {
    const without = [...nodeLocalities(facts).values()].filter(({region, zone}) => region === '' && zone === '').length
    return without === 0
      ? []
      : [
          {
            level: 'warning',
            message: `${without} of ${facts.nodes.length} nodes ${without === 1 ? 'has' : 'have'} neither a region nor a zone: clients there use all endpoints equally`,
            hints: ['kubectl mesh locality label'],
          },
        ]
  },
}

/** The checks of `mesh locality balance`, before any write. */
export const balanceChecks: readonly BalanceCheck[] = [
  ...controlPlaneChecks,
  hostsExist,
  localitiesExist,
  nothingDropped,
  ruleAllowsSettings,
  noClientRules,
  preferCloseSupported,
  ztunnelBalances,
  balancingOn,
  nodesHaveLocality,
  localitiesCurrent,
]

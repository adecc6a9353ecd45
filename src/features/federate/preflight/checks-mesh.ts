import type {MeshMember} from '../../../mesh/members.ts'
import {shellWord} from '../../../text/shell-word.ts'
import type {Federation} from '../spec.ts'
import {forEachMember, type MemberFinding} from './for-each.ts'
import {installHint} from './install-hint.ts'
import type {FederationCheck} from './subject.ts'

const meshIds: FederationCheck = {
  id: 'mesh-id',
  about: 'all control planes have the same mesh ID',
  lasting: {role: 'primary'},
  run: forEachMember((member, {all, spec}) => {
    const expected = spec.meshId ?? all.find(({controlPlane}) => controlPlane?.meshId)?.controlPlane?.meshId
    if (!member.controlPlane || member.controlPlane.meshId === expected) return undefined
    return {
      message: `the mesh ID is ${member.controlPlane.meshId ?? 'not set'}; expected ${expected}`,
      hints: [installHint(member, {...spec, meshId: expected})],
    }
  }),
}

const trustDomains: FederationCheck = {
  id: 'trust-domain',
  about: 'all control planes have the same trust domain',
  lasting: {role: 'primary'},
  run: forEachMember((member, {all, spec}) => {
    const expected = spec.trustDomain ?? firstControlPlane(all)?.controlPlane?.trustDomain
    if (!member.controlPlane || member.controlPlane.trustDomain === expected) return undefined
    return {
      message: `the trust domain is ${member.controlPlane.trustDomain}; expected ${expected}`,
      hints: [
        installHint(member, {...spec, trustDomain: expected}),
        'a new trust domain requires a restart of all workloads',
      ],
    }
  }),
}

/** Proxies get their network from the injector, and endpoints from the label of the namespace: they must not differ. */
const networks: FederationCheck = {
  id: 'network',
  about: 'the proxies and endpoints of a cluster have the same network',
  lasting: {role: 'primary'},
  run: forEachMember((member, {spec, all}) => {
    if (!member.controlPlane) return undefined
    return spec.singleNetwork ? onSingleNetwork(member, all) : onOwnNetwork(member, spec)
  }),
}

function onSingleNetwork({controlPlane}: MeshMember, all: readonly MeshMember[]): MemberFinding | undefined {
  const first = firstControlPlane(all)
  const [found, expected] = [controlPlane?.network, first?.controlPlane?.network]
  if (found === expected) return undefined
  return {
    message: `proxies have ${networkText(found)}, but those in ${first?.cluster} have ${networkText(expected)}: --single-network requires one network`,
    hints: ['omit --single-network, or set the same values.global.network in all clusters'],
  }
}

function onOwnNetwork(member: MeshMember, spec: Federation): MemberFinding | undefined {
  const found = member.controlPlane?.network
  if (found === member.network) return undefined
  return {
    message: `proxies have ${networkText(found)}; expected ${member.network}`,
    hints: [
      installHint(member, spec),
      ...(found === undefined ? [] : [`or --network ${shellWord(`${member.context}=${found}`)}`]),
    ],
  }
}

function firstControlPlane(all: readonly MeshMember[]): MeshMember | undefined {
  return all.find(({controlPlane}) => controlPlane)
}

function networkText(network: string | undefined): string {
  return network === undefined ? 'no network' : `the network ${network}`
}

/** Checks of the settings that all control planes of a mesh share, and of their networks. */
export const meshChecks: readonly FederationCheck[] = [meshIds, trustDomains, networks]

import {minorOf} from '../../../istio/control-plane.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import {forEachMember, type MemberFinding} from './for-each.ts'
import type {FederationCheck} from './subject.ts'

/** Minor versions as `minorOf` returns them: 1024 is 1.24. */
const oldestIstio = 1024

/** The oldest Kubernetes that an Istio minor version supports (istio.io, supported releases; release notes 1.25, 1.28, 1.30). */
const oldestKubernetes = [
  {istio: 1030, kubernetes: 1032},
  {istio: 1028, kubernetes: 1030},
  {istio: 1025, kubernetes: 1029},
]

const versions: FederationCheck = {
  id: 'versions',
  about: 'the versions of Istio and Kubernetes are compatible',
  lasting: {role: 'primary'},
  run: forEachMember((member, {all}) => {
    if (!member.controlPlane || member.rendered) return undefined
    const minor = minorOf(member.controlPlane.version)
    if (minor === undefined) return unknownVersion(member)
    const minors = all.flatMap(({controlPlane}) => minorOf(controlPlane?.version) ?? [])
    return [
      ...istioFindings(member.controlPlane.version, minor, Math.max(...minors)),
      ...kubernetesFindings(member, minor),
    ]
  }),
}

function unknownVersion({context, controlPlane}: MeshMember): MemberFinding {
  const {version = 'no tag', namespace} = controlPlane!
  return {
    level: 'warning',
    message: `the version of istiod is unknown (${version})`,
    hints: [`kubectl ${contextFlags(context)} -n ${namespace} get deployments -l app=istiod -o wide`],
  }
}

function istioFindings(version: string | undefined, minor: number, newest: number): MemberFinding[] {
  const findings: MemberFinding[] = []
  if (minor < oldestIstio)
    findings.push({
      message: `Istio ${version} is too old; expected 1.${oldestIstio - 1000} or newer`,
      hints: ['upgrade Istio in this cluster first'],
    })
  if (newest - minor > 1)
    findings.push({
      level: 'warning',
      message: `Istio ${version} is more than one minor version older than the newest control plane`,
      hints: ['upgrade Istio in this cluster before you upgrade any other'],
    })
  return findings
}

function kubernetesFindings({controlPlane, facts}: MeshMember, minor: number): MemberFinding[] {
  const oldest = oldestKubernetes.find(({istio}) => minor >= istio)?.kubernetes
  const found = minorOf(facts?.kubernetes)
  if (oldest === undefined || found === undefined || found >= oldest) return []
  return [
    {
      level: 'warning',
      message: `Istio ${controlPlane?.version} requires Kubernetes 1.${oldest - 1000} or newer; found ${facts?.kubernetes}`,
      hints: ['upgrade Kubernetes in this cluster first'],
    },
  ]
}

/** Checks of the versions of Istio and Kubernetes. */
export const versionChecks: readonly FederationCheck[] = [versions]

import {minorOf} from '../../../istio/control-plane.ts'
import {minorText, newestIstio, oldestIstio, oldestKubernetes} from '../../../istio/versions.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import {forEachMember, type MemberFinding} from './for-each.ts'
import type {FederationCheck} from './subject.ts'

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
      message: `Istio ${version} is too old; expected ${minorText(oldestIstio)} or newer`,
      hints: ['upgrade Istio in this cluster first'],
    })
  if (newest - minor > 1)
    findings.push({
      level: 'warning',
      message: `Istio ${version} is more than one minor version older than the newest control plane`,
      hints: ['upgrade Istio in this cluster before you upgrade any other'],
    })
  if (minor > newestIstio)
    findings.push({
      level: 'warning',
      message: `Istio ${version} is newer than this version of kubectl-mesh supports (${minorText(oldestIstio)} to ${minorText(newestIstio)})`,
      hints: ['upgrade kubectl-mesh, or verify the result: kubectl mesh federate verify'],
    })
  return findings
}

function kubernetesFindings({controlPlane, facts}: MeshMember, minor: number): MemberFinding[] {
  const oldest = oldestKubernetes(minor)
  const found = minorOf(facts?.kubernetes)
  if (oldest === undefined || found === undefined || found >= oldest) return []
  return [
    {
      level: 'warning',
      message: `Istio ${controlPlane?.version} requires Kubernetes ${minorText(oldest)} or newer; found ${facts?.kubernetes}`,
      hints: ['upgrade Kubernetes in this cluster first'],
    },
  ]
}

/** Checks of the versions of Istio and Kubernetes. */
export const versionChecks: readonly FederationCheck[] = [versions]

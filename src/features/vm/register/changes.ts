import type {Change} from '../../../engine/kubernetes/change.ts'
import {hostObjectOf, isOwn, type VmFacts} from '../facts.ts'
import {buildVm, type VmWorkload, vmLabels} from '../objects.ts'
import type {VmRegistration} from '../spec.ts'
import {clusterServiceOf} from '../spec-names.ts'
import {formatVmRecord} from '../spec-record.ts'

/**
 * The changes of a registration. Existing objects of other owners are left out.
 *
 * @param cluster name of the cluster
 */
export async function changesOf(spec: VmRegistration, facts: VmFacts, cluster: string): Promise<Change[]> {
  const account = facts.accounts.get(spec.serviceAccount)
  const hosts = spec.hosts.filter(host => {
    const object = hostObjectOf(facts, host, spec.clusterDomain)
    return !object || isOwn(object, spec)
  })
  const create = {serviceAccount: !account || isOwn(account, spec), exposure: !facts.exposed, hosts}
  return [...buildVm(workloadOf(spec, cluster, create)), ...(await dnsCaptureOf(spec, facts, cluster))]
}

/** The changes of a registration in a cluster where none of its objects exist. DNS capture depends on the live mesh config. */
export function changesWithoutFacts(spec: VmRegistration, cluster: string): Change[] {
  return buildVm(workloadOf(spec, cluster, {serviceAccount: true, exposure: true, hosts: spec.hosts}))
}

function workloadOf(spec: VmRegistration, cluster: string, create: VmWorkload['create']): VmWorkload {
  const record = {cluster, spec: formatVmRecord(spec)}
  return {...spec, cluster, labels: vmLabels(spec.name, spec.labels), create, record}
}

/** Pods need DNS capture only for hosts outside the cluster domain, which cluster DNS cannot resolve. */
async function dnsCaptureOf(spec: VmRegistration, facts: VmFacts, cluster: string): Promise<Change[]> {
  const hasExternalHost = spec.hosts.some(host => clusterServiceOf(host, spec.clusterDomain) === undefined)
  if (!hasExternalHost || !spec.captureDns || facts.controlPlane?.capturesDns) return []
  // Loaded on demand: it needs a YAML library that preserves comments.
  const {buildDnsCapture} = await import('../../../mesh/dns/objects-capture.ts')
  return [buildDnsCapture({cluster, systemNamespace: spec.systemNamespace, revision: spec.revision})]
}

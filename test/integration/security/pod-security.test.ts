import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {loadAll} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {withAssignedUsers} from '../../../src/engine/kubernetes/pod-security.ts'
import {type AnyObject, type Api, openApi} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()
const id = `pod-security-${process.pid}`
const admission = 'admissionregistration.k8s.io/v1'

/** The pods of a golden file, and those that its Deployments would create. */
async function podsOf(file: string): Promise<[string, AnyObject][]> {
  const text = await readFile(join(import.meta.dirname, '..', '..', 'golden', file), 'utf8')
  const objects = loadAll(text.replaceAll(/^# cluster: .*$/gm, '---')) as (AnyObject | null)[]
  return objects.flatMap(object => {
    if (object?.kind === 'Pod') return [[file, object] as [string, AnyObject]]
    if (object?.kind !== 'Deployment') return []
    const {template} = object.spec as {template: AnyObject}
    return [[file, {...template, apiVersion: 'v1', kind: 'Pod'}] as [string, AnyObject]]
  })
}

// A host port, as of ingress/low-ports.yaml, is never "restricted".
const files = [
  ...['gateway/plain.yaml', 'gateway/all-settings.yaml', 'ingress/deployment.yaml'],
  ...['tenant/traffic.yaml', 'federate-verify/hello.yaml'],
]

describe.skipIf(!servers)('the admission of all pods that commands create', () => {
  let api: Api
  const restricted = {
    ...{apiVersion: 'v1', kind: 'Namespace'},
    metadata: {
      name: id,
      labels: {'pod-security.kubernetes.io/enforce': 'restricted', [id]: 'true'},
      annotations: {'openshift.io/sa.scc.uid-range': '1000710000/10000'},
    },
  }

  beforeAll(async () => {
    api = await openApi(servers!.kubeconfig, 'east')
    await api.apply(restricted)
    const resourceRules = [{apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods']}]
    const expression =
      'object.spec.containers.all(c, !has(c.securityContext) || !has(c.securityContext.runAsUser) || c.securityContext.runAsUser >= 1000710000)'
    // What the admission of OpenShift does not accept.
    await api.apply({
      ...{apiVersion: admission, kind: 'ValidatingAdmissionPolicy', metadata: {name: id}},
      spec: {failurePolicy: 'Fail', matchConstraints: {resourceRules}, validations: [{expression}]},
    })
    const matchResources = {namespaceSelector: {matchLabels: {[id]: 'true'}}}
    await api.apply({
      ...{apiVersion: admission, kind: 'ValidatingAdmissionPolicyBinding', metadata: {name: id}},
      spec: {policyName: id, validationActions: ['Deny'], matchResources},
    })
  })
  afterAll(async () => {
    for (const kind of ['validatingadmissionpolicybindings', 'validatingadmissionpolicies'])
      await api?.delete(`/apis/${admission}/${kind}/${id}`)
    await api?.delete(`/api/v1/namespaces/${id}`)
    api?.close()
  })

  /** Creates a pod in the namespace; returns the reason if it is refused. */
  async function admit(pod: AnyObject, name: string): Promise<string> {
    const {serviceAccountName: _, serviceAccount: _account, ...spec} = pod.spec as Record<string, unknown>
    const metadata = {...pod.metadata, name, namespace: id}
    try {
      await api.create({...pod, metadata, spec: {...spec, automountServiceAccountToken: false}})
      return 'admitted'
    } catch (error) {
      return String(error)
    } finally {
      await api.delete(`/api/v1/namespaces/${id}/pods/${name}?gracePeriodSeconds=0`)
    }
  }

  it('Pod Security "restricted" and the user range of OpenShift accept gateways, ingress gateways and traffic tests', async () => {
    const pods = (await Promise.all(files.map(podsOf))).flat()
    expect(new Set(pods.map(([file]) => file))).toEqual(new Set(files))
    const withUser = pods.find(([file]) => file === 'tenant/traffic.yaml')![1]
    // The API server takes a moment to enforce a new policy.
    await expect.poll(() => admit(withUser, 'with-user'), {timeout: 30_000}).toContain(`'${id}'`)
    const results: [string, string][] = []
    for (const [at, [file, pod]] of pods.entries())
      results.push([file, await admit(withAssignedUsers(pod, restricted) as AnyObject, `pod-${at}`)])
    expect(results).toEqual(pods.map(([file]) => [file, 'admitted']))
  })
})

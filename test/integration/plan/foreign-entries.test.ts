import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import type {Cluster} from '../../../src/engine/cluster/cluster.ts'
import {connectCluster} from '../../../src/engine/cluster/connect.ts'
import {loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import {partOfLabel} from '../../../src/engine/kubernetes/applyset.ts'
import {applySetParent} from '../../../src/engine/kubernetes/applyset-parent.ts'
import type {Change} from '../../../src/engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {waves} from '../../../src/engine/kubernetes/waves.ts'
import {applyCluster} from '../../../src/engine/plan/apply.ts'
import {compareCluster} from '../../../src/engine/plan/compare.ts'
import {readMembership} from '../../../src/engine/plan/membership.ts'
import {pruneChanges} from '../../../src/engine/plan/prune.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()
const manager = 'kubectl-mesh'
const namespace = `foreign-entries-${process.pid}`
const kind = {apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration'}
const set = {name: 'kubectl-mesh-test', namespace, kinds: [kind]}
const ref = {...kind, name: namespace}

/** A webhook configuration whose entries reject nothing. */
function webhooks(...names: string[]): KubernetesObject {
  return {
    ...kind,
    metadata: {name: namespace},
    webhooks: names.map(name => ({
      name,
      admissionReviewVersions: ['v1'],
      clientConfig: {url: 'https://127.0.0.1:1/'},
      sideEffects: 'None',
      failurePolicy: 'Ignore',
      namespaceSelector: {matchLabels: {'no-such-label': namespace}},
      rules: [{apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods']}],
    })),
  }
}

describe.skipIf(!servers)('a webhook configuration to which another team has added an entry', () => {
  let ours: Cluster
  let theirs: Cluster
  beforeAll(async () => {
    const connect = (fieldManager: string) =>
      connectCluster(loadKubeconfig({kubeconfig: servers!.kubeconfig, env: {}}), 'east', {fieldManager})
    ours = await connect(manager)
    theirs = await connect('another-team')
    await ours.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: namespace}})
  })
  afterAll(async () => {
    await ours?.delete(ref)
    ours?.close()
    theirs?.close()
  })

  async function run(changes: readonly Change[]): Promise<string[]> {
    const plan = await compareCluster(ours, 'east', changes, {manager, force: false, set})
    const outcomes = await applyCluster(ours, plan, {manager, force: false})
    return outcomes.map(({result}) => result)
  }

  test('is edited, not deleted, and is no member any more', async () => {
    const object = webhooks('ours-a.example.org', 'ours-b.example.org')
    const apply: Change = {action: 'apply', cluster: 'east', wave: waves.controlPlane, object}
    await run([applySetParent(set, 'east', {}), apply])
    await theirs.apply(webhooks('theirs.example.org'))
    // As istiod does.
    const live = (await ours.get(ref))!
    const entries = (live.webhooks as {name: string; clientConfig: object}[]).map(entry => ({
      ...entry,
      ...(entry.name === 'ours-a.example.org' ? {failurePolicy: 'Fail'} : {}),
    }))
    await theirs.patch(ref, {webhooks: entries})

    const {objects} = await readMembership(ours, set)
    expect(await run(pruneChanges('east', objects, [], () => false))).toEqual(['ok'])
    const left = (await ours.get(ref))!
    expect((left.webhooks as {name: string}[]).map(({name}) => name)).toEqual(['theirs.example.org'])
    expect(left.metadata.labels?.[partOfLabel]).toBeUndefined()
    expect(await readMembership(ours, set)).toMatchObject({objects: [], unrecorded: []})
  })
})

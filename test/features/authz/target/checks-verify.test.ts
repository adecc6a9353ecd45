import {expect, test} from 'vitest'
import type {AuthzFacts} from '../../../../src/features/authz/read.ts'
import {objectsRead, revisionsComplete, targetsEnforce} from '../../../../src/features/authz/target/checks-verify.ts'
import type {VerifySubject} from '../../../../src/features/authz/target/subject.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {authzFacts, object} from '../../federate/samples-mesh.ts'
import {healthy, policy, webPod, withProxy} from '../samples.ts'

function found(facts: Partial<AuthzFacts>, more: Partial<VerifySubject> = {}): string[] {
  const subject: VerifySubject = {
    spec: {name: 'ext', systemNamespace: 'istio-system', revision: undefined, clusterDomain: 'cluster.local'},
    facts: authzFacts({...healthy, policies: [policy('shop/ext', 'ext')], ...facts}),
    provider: undefined,
    filter: undefined,
    unrecorded: [],
    isOurs: () => false,
    ...more,
  }
  return runChecks([objectsRead, targetsEnforce, revisionsComplete], subject).map(
    ({level, message, hints = []}) => `${level}: ${message} [${hints.join(' | ')}]`,
  )
}

const labelled = policy('shop/ext', 'ext')
labelled.metadata.labels = {'istio.io/rev': '1-30'}
const moved = {...webPod, metadata: {...webPod.metadata, labels: {app: 'web', 'istio.io/rev': '1-30'}}}

test('an object with the label of another revision is not read', () => {
  const facts = {policies: [], unread: [labelled], revision: '1-31'}
  expect(found(facts)).toEqual([
    'error: AuthorizationPolicy shop/ext is labelled istio.io/rev=1-30; revision 1-31 does not read it, and does not protect its workloads [kubectl -n shop label authorizationpolicy ext istio.io/rev-]',
  ])
  expect(found(facts, {isOurs: () => true})[0]).toContain(
    '[kubectl mesh authz attach ext --revision 1-31 removes the label]',
  )
  expect(found({...facts, unread: [policy('shop/other', 'other')]})).toEqual([])
})

test('pods without a proxy, also those of a filter', () => {
  const plain = {...webPod, spec: {containers: [{name: 'app'}]}}
  expect(found({pods: [plain]})[0]).toMatch(/^error: AuthorizationPolicy shop\/ext: 1 of 1 pod has no proxy/)
  const filter = object('EnvoyFilter', 'shop/ext', {spec: {workloadSelector: {labels: {app: 'web'}}}})
  expect(found({pods: [plain], policies: []}, {filter})[0]).toMatch(/^error: EnvoyFilter shop\/ext: 1 of 1 pod/)
})

test('another revision without the authorizer: an error if it runs pods, else a warning', () => {
  const otherRevisions = new Map([['1-30', ['other']]])
  expect(found({otherRevisions, pods: [{...moved, spec: withProxy}]})).toEqual([
    'error: AuthorizationPolicy shop/ext: 1 of 1 pod runs revision 1-30, whose mesh config has no authorizer ext: all requests to them are denied [kubectl mesh authz attach ext --revision 1-30]',
  ])
  expect(found({otherRevisions})).toEqual([
    'warning: the mesh config of revision 1-30 has no authorizer ext: workloads that move to it would deny all requests [kubectl mesh authz attach ext --revision 1-30]',
  ])
  expect(found({otherRevisions: new Map([['1-30', ['ext']]]), pods: [moved]})).toEqual([])
  expect(found({pods: [moved]})[0]).toMatch(/^warning: .* whose istiod is in another namespace/)
})

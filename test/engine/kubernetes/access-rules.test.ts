import {expect, test} from 'vitest'
import {missingRights} from '../../../src/engine/kubernetes/access-rules.ts'

const namespace = 'istio-system'

test('missing permissions are one problem per namespace, and one for the cluster, with their rules', () => {
  const denied = [
    {verb: 'create', group: '', resource: 'secrets', namespace},
    {verb: 'create', group: '', resource: 'services', namespace},
    {verb: 'create', group: 'apps', resource: 'deployments', namespace},
    {verb: 'patch', group: '', resource: 'secrets', namespace},
    {verb: 'patch', group: '', resource: 'services', namespace},
    {verb: 'patch', group: '', resource: 'namespaces'},
  ]
  expect(missingRights(denied)).toEqual([
    {
      message: 'you may not create and patch secrets, services; create deployments.apps in namespace istio-system',
      hints: [
        'a Role in namespace istio-system with these rules grants it: [{"apiGroups":[""],"resources":["secrets","services"],"verbs":["create","patch"]},{"apiGroups":["apps"],"resources":["deployments"],"verbs":["create"]}]',
      ],
    },
    {
      message: 'you may not patch namespaces',
      hints: [
        'a ClusterRole with these rules grants it: [{"apiGroups":[""],"resources":["namespaces"],"verbs":["patch"]}]',
      ],
    },
  ])
  expect(missingRights([])).toEqual([])
})

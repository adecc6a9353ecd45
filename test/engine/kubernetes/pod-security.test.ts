import {expect, test} from 'vitest'
import {withAssignedUsers} from '../../../src/engine/kubernetes/pod-security.ts'

const container = {name: 'a', securityContext: {runAsNonRoot: true, runAsUser: 65_532}}
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {name: 'p'},
  spec: {restartPolicy: 'Never', containers: [container]},
}
const namespace = (annotations?: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {name: 'n', ...(annotations ? {annotations} : {})},
})

test('OpenShift assigns the user of a pod', () => {
  const inRange = namespace({'openshift.io/sa.scc.uid-range': '1000710000/10000'})
  expect(withAssignedUsers(pod, inRange).spec).toEqual({
    restartPolicy: 'Never',
    containers: [{name: 'a', securityContext: {runAsNonRoot: true}}],
  })
})

test.each([undefined, namespace(), namespace({other: ''})])('any other namespace keeps the user', found => {
  expect(withAssignedUsers(pod, found)).toBe(pod)
})

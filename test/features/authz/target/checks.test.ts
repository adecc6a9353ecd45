import {describe, expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import type {AttachSubject} from '../../../../src/features/authz/checks-policies.ts'
import type {AuthzFacts} from '../../../../src/features/authz/read.ts'
import {targetEnforces, targetRevisions} from '../../../../src/features/authz/target/checks.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {authzFacts, object} from '../../federate/samples-mesh.ts'
import {attach, healthy, host, webTarget, withProxy} from '../samples.ts'

const pod = (rev?: string): KubernetesObject =>
  object('Pod', 'shop/web', {
    metadata: {labels: {app: 'web', ...(rev ? {'istio.io/rev': rev} : {})}},
    ...(rev ? {spec: withProxy} : {}),
  })

function found(facts: Partial<AuthzFacts>, more: Partial<AttachSubject> = {}): string[] {
  const all = authzFacts({...healthy, ...facts})
  const subject = {spec: attach(), facts: all, host, target: webTarget, denied: [], isOurs: () => false, ...more}
  return runChecks([targetEnforces, targetRevisions], subject).map(
    ({level, message, hints = []}) => `${level}: ${message} [${hints.join(' | ')}]`,
  )
}

describe('pods for which no proxy enforces the policy', () => {
  test('none of them, or some of them', () => {
    expect(found({pods: [pod(), pod()]})).toEqual([
      'error: workload/web: 2 of 2 pods have no proxy, so requests to them reach no authorizer [enable injection in namespace shop, then restart the pods]',
    ])
    expect(found({pods: [pod(), pod('default')]})).toEqual([
      expect.stringMatching(/^warning: workload\/web: 1 of 2 pods has no proxy/),
    ])
  })
  test('ambient mode, with and without a waypoint', () => {
    const ambient = (labels: Record<string, string>) => ({
      pods: [pod()],
      namespaces: [
        object('Namespace', 'shop', {metadata: {labels: {'istio.io/dataplane-mode': 'ambient', ...labels}}}),
      ],
    })
    expect(found(ambient({}))).toEqual([
      'error: workload/web: 1 of 1 pod has only ztunnel (ambient mode), which calls no external authorizer [istioctl waypoint apply -n shop --enroll-namespace, then attach the authorizer to it: -n shop --to gateway/waypoint]',
    ])
    expect(found(ambient({'istio.io/use-waypoint': 'wp'}))[0]).toContain('-n shop --to gateway/wp]')
  })
})

describe('pods of another revision', () => {
  const otherRevisions = (...names: string[]) => ({pods: [pod('1-31')], otherRevisions: new Map([['1-31', names]])})
  test('its mesh config gets the provider too, or has it', () => {
    expect(found(otherRevisions())).toEqual([
      'warning: 1 of 1 pod runs revision 1-31, not default; the provider is added to the mesh config of both []',
    ])
    expect(found(otherRevisions('ext'))).toEqual([])
  })
  test('its mesh config has another manager', () => {
    expect(found(otherRevisions(), {spec: attach({via: 'helm-values'})})).toEqual([
      'error: 1 of 1 pod runs revision 1-31, not default; without the provider in its mesh config, that revision would deny all requests [add the provider there first: the same command with --revision 1-31]',
    ])
    expect(found(otherRevisions(), {spec: attach({via: 'envoy-filter'})})).toEqual([])
  })
  test('its istiod is in another namespace', () => {
    expect(found({pods: [pod('t1')]})[0]).toMatch(/^error: .* namespace istio-system has no istiod of revision t1/)
    expect(found({pods: [pod('t1'), pod('default')]})[0]).toMatch(/^warning: 1 of 2 pods runs revision t1/)
  })
})

import {expect, test} from 'vitest'
import {ingressDeployChecks} from '../../../src/features/ingress/checks-deploy.ts'
import {findingsOf, gatewayPod, object, pod, type RawDeploy} from './samples.ts'

const hostPort: RawDeploy = {hostPorts: ['80:8080'], kind: 'daemonset'}

test('no findings in a healthy cluster, also if the namespace does not exist yet', () => {
  expect(findingsOf(ingressDeployChecks, hostPort)).toEqual([])
  expect(findingsOf(ingressDeployChecks, {nodeSelector: ['front_end=true']}, {namespace: undefined})).toEqual([])
  const injected = object('Namespace', 'edge', {}, {labels: {'istio-injection': 'enabled'}})
  expect(findingsOf(ingressDeployChecks, {}, {namespace: injected})).toEqual([])
})

test('the existing objects and pods of the gateway are no conflict', () => {
  const existing = [object('Deployment', 'istio-ingressgateway')]
  const pods = [pod('own', 'n1', 80, {}, gatewayPod)]
  expect(findingsOf(ingressDeployChecks, hostPort, {existing, pods}, existing)).toEqual([])
  const ended = pod('p', 'n1', 80, {status: {phase: 'Succeeded'}})
  const raw = {...hostPort, nodeSelector: ['front_end=true']}
  expect(findingsOf(ingressDeployChecks, raw, {existing, pods: [ended, pod('q', 'n2', 80)]}, existing)).toEqual([])
})

test('check IDs are stable and unique', () => {
  expect(ingressDeployChecks.map(({id}) => id)).toEqual([
    ...['control-plane', 'injection', 'discovered', 'name', 'nodes', 'host-ports', 'node-ports', 'label'],
    ...['ambient', 'ambient-waypoints'],
  ])
})

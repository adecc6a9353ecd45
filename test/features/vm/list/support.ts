import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {vmRows} from '../../../../src/features/vm/list/report-rows.ts'

function entry(
  name: string,
  spec: object,
  annotations: Record<string, string> = {},
  healthy?: string,
): KubernetesObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'WorkloadEntry',
    metadata: {name, namespace: 'vm', annotations},
    spec,
    ...(healthy ? {status: {conditions: [{type: 'Healthy', status: healthy}]}} : {}),
  }
}

const group = (name: string): KubernetesObject => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'WorkloadGroup',
  metadata: {name, namespace: 'vm'},
  spec: {template: {network: 'net-vm', locality: 'r/z'}},
})

const auto = {'istio.io/autoRegistrationGroup': 'web', 'istio.io/workloadController': 'istiod-1'}
/** Rows of two groups, one of them empty, and an entry without a group. */
export const rows = vmRows(
  [group('web'), group('idle')],
  [
    entry(
      'web-2',
      {address: '10.0.0.2', network: 'net-vm'},
      {...auto, 'istio.io/disconnectedAt': '2026-01-01T23:59:50.123456789Z'},
      'False',
    ),
    entry(
      'web-1',
      {address: '10.0.0.1', locality: 'r/z/s'},
      {...auto, 'istio.io/connectedAt': '2026-01-01T20:00:00.123456789Z'},
      'True',
    ),
    entry('db', {address: '2001:DB8:0::1'}),
  ],
  [
    {
      expires: new Date('2026-01-01T22:00:00Z'),
      workloads: new Set(['networking.istio.io/WorkloadGroup/vm/web', '/Secret/vm/kubectl-mesh-vm-web']),
    },
    {expires: undefined, workloads: new Set(['networking.istio.io/WorkloadGroup/vm/idle'])},
    {
      expires: new Date('2026-01-03T00:00:00Z'),
      workloads: new Set(['networking.istio.io/WorkloadEntry/vm/db']),
    },
  ],
)

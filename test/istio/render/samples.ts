import type {ControlPlaneInput} from '../../../src/istio/render/input.ts'
import {parseRequestedValues} from '../../../src/istio/render/requested.ts'

/** The control plane of a tenant, without requested values. */
export const tenant: ControlPlaneInput = {
  namespace: 'usergroup-1',
  revision: 'usergroup-1',
  profile: 'minimal',
  discoverySelectors: [{matchLabels: {usergroup: 'usergroup-1'}}],
  isDefault: false,
  requested: {values: {}, operator: {}},
}

/** The control plane of a mesh member, with values from both kinds of files and from `--set`. */
export const member: ControlPlaneInput = {
  namespace: 'istio-system',
  meshId: 'mesh1',
  clusterName: 'east',
  network: 'net-east',
  trustDomain: 'east.example',
  isDefault: true,
  profile: 'ambient',
  requested: parseRequestedValues(
    [
      {
        name: 'iop.yaml',
        content: {
          kind: 'IstioOperator',
          spec: {tag: '1.31.0', components: {cni: {enabled: true}}, values: {pilot: {env: {A: 'b'}}}},
        },
      },
      {name: 'values.yaml', content: {pilot: {env: {C: 'd'}}, meshConfig: {accessLogFile: '/dev/stdout'}}},
    ],
    ['meshConfig.enableTracing=true', 'values.pilot.env.A=z', 'components.pilot.k8s.replicaCount=2'],
  ),
}

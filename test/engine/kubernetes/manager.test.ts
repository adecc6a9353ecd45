import {describe, expect, test} from 'vitest'
import {isFromGit, managerOf} from '../../../src/engine/kubernetes/manager.ts'
import type {KubernetesObject, ObjectMeta} from '../../../src/engine/kubernetes/object.ts'

const object = (metadata: Partial<ObjectMeta>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name: 'istio', namespace: 'istio-system', ...metadata},
  data: {mesh: ''},
})
const applied = (manager: string, fieldsV1 = {'f:data': {'f:mesh': {}}}): Partial<ObjectMeta> => ({
  managedFields: [{manager, operation: 'Apply', fieldsV1}],
})

test.each<[string, Partial<ObjectMeta>]>([
  ['Argo CD application mesh', {annotations: {'argocd.argoproj.io/tracking-id': 'mesh:/ConfigMap:istio-system/istio'}}],
  ['Argo CD application mesh', {labels: {'argocd.argoproj.io/instance': 'mesh'}}],
  ['Argo CD', applied('argocd-controller')],
  ['Flux Kustomization infra', {labels: {'kustomize.toolkit.fluxcd.io/name': 'infra'}}],
  ['Flux', applied('kustomize-controller')],
  [
    'Flux HelmRelease istiod',
    {
      labels: {'helm.toolkit.fluxcd.io/name': 'istiod', 'app.kubernetes.io/managed-by': 'Helm'},
      annotations: {'meta.helm.sh/release-name': 'istiod'},
    },
  ],
  [
    'the operator of IstioRevision default (sailoperator.io)',
    {
      ownerReferences: [{apiVersion: 'sailoperator.io/v1', kind: 'IstioRevision', name: 'default', uid: '1'}],
      labels: {'app.kubernetes.io/managed-by': 'Helm'},
      annotations: {'meta.helm.sh/release-name': 'default-istiod'},
    },
  ],
  ['the add-on manager of the cluster', {labels: {'addonmanager.kubernetes.io/mode': 'Reconcile'}}],
  [
    'the k3s add-on coredns',
    {
      annotations: {
        'objectset.rio.cattle.io/owner-gvk': 'k3s.cattle.io/v1, Kind=Addon',
        'objectset.rio.cattle.io/owner-name': 'coredns',
      },
    },
  ],
  ['the managed add-ons of EKS', applied('eks')],
  ['DigitalOcean', {labels: {'doks.digitalocean.com/managed': 'true'}}],
  ['Gardener', {annotations: {'resources.gardener.cloud/origin': 'shoot'}}],
  [
    'the Istio add-on of AKS',
    {
      labels: {'app.kubernetes.io/managed-by': 'Helm'},
      annotations: {'meta.helm.sh/release-name': 'azure-service-mesh-istio-discovery'},
    },
  ],
  [
    'Helm release istiod',
    {labels: {'app.kubernetes.io/managed-by': 'Helm'}, annotations: {'meta.helm.sh/release-name': 'istiod'}},
  ],
])('%s', (name, metadata) => {
  expect(managerOf(object(metadata))).toMatchObject({name})
})

describe('no manager reverts', () => {
  test.each<[string, Partial<ObjectMeta>]>([
    ['an object without marks', {}],
    [
      'the copy of an object of Argo CD',
      {annotations: {'argocd.argoproj.io/tracking-id': 'mesh:/ConfigMap:other/istio'}},
    ],
    [
      'an object that istioctl applied: it has the label of the chart',
      {labels: {'app.kubernetes.io/managed-by': 'Helm'}},
    ],
    ['an object that the add-on manager only creates', {labels: {'addonmanager.kubernetes.io/mode': 'EnsureExists'}}],
    [
      'an object that Flux has suspended',
      {
        labels: {'kustomize.toolkit.fluxcd.io/name': 'infra'},
        annotations: {'kustomize.toolkit.fluxcd.io/reconcile': 'disabled'},
      },
    ],
    [
      'an object of a Deployment',
      {ownerReferences: [{apiVersion: 'apps/v1', kind: 'Deployment', name: 'a', uid: '1'}]},
    ],
    ['labels that an add-on manager applied', applied('eks', {'f:metadata': {}} as never)],
  ])('%s', (_, metadata) => {
    expect(managerOf(object(metadata))).toBeUndefined()
  })
})

test('only Flux and Argo CD apply objects from Git', () => {
  expect(isFromGit(object(applied('kustomize-controller')))).toBe(true)
  expect(isFromGit(object(applied('argocd-controller')))).toBe(true)
  expect(isFromGit(object({labels: {'addonmanager.kubernetes.io/mode': 'Reconcile'}}))).toBe(false)
  expect(isFromGit(object({}))).toBe(false)
})

import type {ObjectKind} from '../engine/kubernetes/object.ts'

/** The kinds that a rendered control plane and a tenant can contain. `remove` searches these. */
export const tenantKinds: readonly ObjectKind[] = [
  {apiVersion: 'v1', kind: 'ConfigMap'},
  {apiVersion: 'v1', kind: 'Secret'},
  {apiVersion: 'v1', kind: 'Service'},
  {apiVersion: 'v1', kind: 'ServiceAccount'},
  {apiVersion: 'v1', kind: 'ResourceQuota'},
  {apiVersion: 'apps/v1', kind: 'Deployment'},
  {apiVersion: 'apps/v1', kind: 'DaemonSet'},
  {apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler'},
  {apiVersion: 'policy/v1', kind: 'PodDisruptionBudget'},
  {apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy'},
  {apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice'},
  {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role'},
  {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding'},
  {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole'},
  {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding'},
  {apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration'},
  {apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration'},
  {apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy'},
  {apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding'},
  {apiVersion: 'networking.istio.io/v1alpha3', kind: 'EnvoyFilter'},
  {apiVersion: 'telemetry.istio.io/v1', kind: 'Telemetry'},
  {apiVersion: 'security.istio.io/v1', kind: 'PeerAuthentication'},
  {apiVersion: 'sailoperator.io/v1', kind: 'Istio'},
  {apiVersion: 'sailoperator.io/v1', kind: 'IstioRevisionTag'},
]

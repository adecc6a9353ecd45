import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import type {KialiSettings} from '../../../src/features/addon/istio-kiali.ts'
import {loadAllYaml} from '../../../src/text/yaml.ts'

/** A small manifest with the parts of Istio's `kiali.yaml` that are adapted. */
export const kialiManifest = `
apiVersion: v1
kind: ConfigMap
metadata:
  name: kiali
  namespace: istio-system
data:
  config.yaml: |
    auth:
      strategy: anonymous
    deployment:
      namespace: istio-system
    external_services:
      istio:
        root_namespace: istio-system
      tracing:
        enabled: false
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: kiali}
rules: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: kiali}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kiali}
subjects: [{kind: ServiceAccount, name: kiali, namespace: istio-system}]
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: kiali
  namespace: istio-system
  labels: {app: kiali, app.kubernetes.io/version: v2.27.0}
spec:
  template:
    metadata: {annotations: {checksum/config: before}}
    spec:
      containers: [{name: kiali, image: 'quay.io/kiali/kiali:v2.27', volumeMounts: []}]
      volumes: []
`

export function objectsOf(text: string): KubernetesObject[] {
  return loadAllYaml(text) as KubernetesObject[]
}

/** Settings of Kiali without any that the user has set. */
export function settings(other: Partial<KialiSettings> = {}): KialiSettings {
  return {
    ...{revision: undefined, auth: undefined, openidIssuer: undefined, openidClientId: undefined},
    ...{openidUsernameClaim: undefined, openidSharedAccess: false, prometheusUrl: undefined, grafanaUrl: undefined},
    ...{tracingUrl: undefined, hasJaeger: false},
    ...other,
  }
}

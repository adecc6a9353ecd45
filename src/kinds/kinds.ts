import type {AppliedKind} from '../features/files/kind.ts'
import type {DocumentKinds} from '../spec/documents/kind.ts'

/** All kinds of mesh files, by name. The code of a kind is loaded when a document uses it. */
export const meshKinds: DocumentKinds<AppliedKind> = {
  Addons: async () => (await import('./addons.ts')).kind,
  ControlPlane: async () => (await import('./control-plane.ts')).kind,
  ExternalAuthorizer: async () => (await import('./external-authorizer.ts')).kind,
  Federation: async () => (await import('./federation.ts')).kind,
  IngressGateway: async () => (await import('./ingress-gateway.ts')).kind,
  IngressTls: async () => (await import('./ingress-tls.ts')).kind,
  LocalityBalance: async () => (await import('./locality-balance.ts')).kind,
  MeshSet: async () => (await import('./mesh-set.ts')).kind,
  NodeLocalities: async () => (await import('./node-localities.ts')).kind,
  ServiceExport: async () => (await import('./service-export.ts')).kind,
  Tenant: async () => (await import('./tenant.ts')).kind,
  VirtualMachine: async () => (await import('./virtual-machine.ts')).kind,
}

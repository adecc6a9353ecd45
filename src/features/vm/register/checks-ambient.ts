import type {VmCheck} from './subject.ts'

/**
 * A VM runs a sidecar. istiod sends ztunnels its WorkloadEntry without a tunnel, so their requests to it are plaintext, which
 * only the mode PERMISSIVE accepts.
 */
export const vmReachedInPlaintext: VmCheck = {
  id: 'ambient',
  about: 'all pods reach the VM with mTLS',
  run: ({facts, spec}) =>
    facts.controlPlane?.ambient
      ? [
          {
            level: 'warning',
            message: `ztunnel has no tunnel to a VM, so pods in ambient mode reach ${spec.name} without mTLS; a PeerAuthentication of mode STRICT rejects their requests`,
            hints: ['to use mTLS between pods and the VM, give the pods a sidecar'],
          },
        ]
      : [],
}

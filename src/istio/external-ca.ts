import {goBool} from './istiod.ts'

/** The type of EXTERNAL_CA with which Kubernetes signs the certificates of workloads (security/pkg/pki/ra/common.go, 1.31). */
const kubernetesCa = 'ISTIOD_RA_KUBERNETES_API'

/**
 * Returns why workloads do not get their certificates from istiod, as a setting. The CA is then istio-csr, a signer of
 * Kubernetes or another service, and the root in `istio-ca-root-cert` is its root.
 *
 * Sources: pilot/pkg/bootstrap/server.go (maybeCreateCA, shouldStartNsController) and istio_ca.go, Istio 1.31. The injector
 * sets `global.caAddress` as CA_ADDR of every proxy.
 *
 * @param env of istiod
 * @param caAddress `global.caAddress` in the values of the injector
 * @returns undefined if istiod is the CA
 */
export function externalCaOf(
  env: Readonly<Record<string, string | undefined>>,
  caAddress: unknown,
): string | undefined {
  if (goBool(env.ENABLE_CA_SERVER) === false) return `ENABLE_CA_SERVER=${env.ENABLE_CA_SERVER}`
  if (env.EXTERNAL_CA === kubernetesCa) return `EXTERNAL_CA=${kubernetesCa}`
  return typeof caAddress === 'string' && isOtherService(caAddress) ? `global.caAddress=${caAddress}` : undefined
}

/** Whether an address is not that of an istiod: `istiod[-REV].NAMESPACE.svc:15012`. */
function isOtherService(address: string): boolean {
  return address !== '' && !/^istiod(-[a-z0-9-]+)?\.[^.:]+\.svc[.:]/.test(`${address}:`)
}

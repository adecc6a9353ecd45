import {expect, test} from 'vitest'
import {externalCaOf} from '../../src/istio/external-ca.ts'

test.each<[Record<string, string>, unknown, string | undefined]>([
  [{}, undefined, undefined],
  [{}, '', undefined],
  [{}, ['text'], undefined],
  [{ENABLE_CA_SERVER: 'true'}, '', undefined],
  [{ENABLE_CA_SERVER: 'no boolean'}, '', undefined],
  [{ENABLE_CA_SERVER: 'false'}, 'cert-manager-istio-csr.cert-manager.svc:443', 'ENABLE_CA_SERVER=false'],
  [{ENABLE_CA_SERVER: '0'}, '', 'ENABLE_CA_SERVER=0'],
  [{EXTERNAL_CA: 'ISTIOD_RA_KUBERNETES_API'}, '', 'EXTERNAL_CA=ISTIOD_RA_KUBERNETES_API'],
  [{EXTERNAL_CA: 'other'}, '', undefined],
  [{}, 'cert-manager-istio-csr.cert-manager.svc:443', 'global.caAddress=cert-manager-istio-csr.cert-manager.svc:443'],
  [{}, 'istiod-proxy.example:443', 'global.caAddress=istiod-proxy.example:443'],
  [{}, 'istiod.istio-system.svc:15012', undefined],
  [{}, 'istiod-1-31.istio-system.svc.cluster.local:15012', undefined],
])('%j, caAddress %j: %s', (env, address, expected) => expect(externalCaOf(env, address)).toBe(expected))

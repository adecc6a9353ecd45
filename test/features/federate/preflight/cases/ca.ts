import {controlPlane} from '../../../../mesh/samples.ts'
import {constrainedCa, type Differs, meshCa, otherCa} from '../samples.ts'

const folder = {folder: meshCa.root, folderName: 'mesh-ca', hasKey: true}
/** cert-manager has written its keys into the Secret of another root: istiod reads only these. */
const mixedCacerts = {
  ...meshCa.cacerts,
  data: {...(meshCa.cacerts.data as object), ...tlsKeys(otherCa.cacerts.data as CaKeys)},
}
const invalidCacerts = {...meshCa.cacerts, data: {...(meshCa.cacerts.data as object), 'ca-key.pem': 'eA=='}}

type CaKeys = Record<'ca-cert.pem' | 'ca-key.pem' | 'root-cert.pem', string>

function tlsKeys(data: CaKeys): Record<string, string> {
  return {'tls.crt': data['ca-cert.pem'], 'tls.key': data['ca-key.pem'], 'ca.crt': data['root-cert.pem']}
}

/** A case of a check that concerns every mode: what west has, or what is specified. */
export type GeneralCase = [
  check: string,
  what: string,
  level: 'error' | 'warning',
  message: RegExp,
  hint: RegExp,
  differs: Differs,
]

/** The cases of root CAs and intermediate CAs. */
export const caCases: readonly GeneralCase[] = [
  [
    'one-root',
    'two roots',
    'error',
    /root CA \([0-9a-f:]+\) is not that of east \([0-9a-f:]+\)/,
    /kubectl mesh ca init/,
    {west: {servedRoot: otherCa.root}},
  ],
  [
    'one-root',
    'cacerts with another root',
    'error',
    /is not that of east/,
    /--ca-dir/,
    {west: {caSecret: otherCa.cacerts}},
  ],
  ['one-root', 'cacerts in both layouts', 'error', /is not that of east/, /--ca-dir/, {west: {caSecret: mixedCacerts}}],
  [
    'external-ca',
    '--ca-dir where another CA signs',
    'error',
    /^another CA than istiod issues the certificates \(ENABLE_CA_SERVER=false\): nothing would read the cacerts of mesh-ca$/,
    /an issuer below the same root in each cluster/,
    {roots: folder, west: {controlPlanes: [controlPlane('west', {externalCa: 'ENABLE_CA_SERVER=false'})]}},
  ],
  [
    'served-root',
    'an istiod that has not read its cacerts yet',
    'warning',
    /^istiod still distributes another root CA \([0-9a-f:]+\) than that of its cacerts/,
    /^kubectl --context west -n istio-system rollout restart deployment -l app=istiod\nthen restart the workloads$/,
    {west: {caSecret: meshCa.cacerts, servedRoot: otherCa.root}},
  ],
  ['one-root', 'no root', 'error', /is unknown/, /kubectl mesh ca init/, {west: {servedRoot: undefined}}],
  [
    'folder-root',
    'cacerts with another root',
    'error',
    /^the root CA of its cacerts is [0-9a-f:]+; expected that of mesh-ca, [0-9a-f:]+$/,
    /rotate the root/,
    {roots: folder, west: {caSecret: otherCa.cacerts}},
  ],
  [
    'folder-root',
    'an istiod with a self-signed root',
    'warning',
    /until it restarts/,
    /rollout restart deployment -l app=istiod/,
    {roots: folder, west: {servedRoot: otherCa.root}},
  ],
  [
    'folder-ca',
    'a folder that cannot issue',
    'error',
    /^mesh-ca has no intermediate CA for west/,
    /kubectl mesh ca issue --dir mesh-ca --cluster west/,
    {roots: {folder: meshCa.root, folderName: 'mesh-ca'}, east: {caSecret: meshCa.cacerts}},
  ],
  ['cluster-ca', 'an invalid cacerts', 'error', /^cacerts: /, /./, {west: {caSecret: invalidCacerts}}],
  [
    'cluster-ca',
    'a cacerts with name constraints that exclude the trust domain',
    'error',
    /^cacerts: the name constraints of CN=east exclude spiffe:\/\/cluster\.local\/…, the identities of workloads; they permit only URIs of example\.org$/,
    /^proxies reject every certificate of this CA: replace it/,
    {
      west: {caSecret: constrainedCa.cacerts, servedRoot: constrainedCa.root},
      east: {servedRoot: constrainedCa.root},
    },
  ],
]

import {type Differs, meshCa, otherCa} from './samples.ts'

const folder = {folder: meshCa.root, folderName: 'mesh-ca', hasKey: true}
const invalidCacerts = {...meshCa.cacerts, data: {...(meshCa.cacerts.data as object), 'ca-key.pem': 'eA=='}}

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
    /root CA \([0-9A-F:]+\) is not that of east \([0-9A-F:]+\)/,
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
  ['one-root', 'no root', 'error', /is unknown/, /kubectl mesh ca init/, {west: {servedRoot: undefined}}],
  [
    'folder-root',
    'cacerts with another root',
    'error',
    /^the root CA of its cacerts is [0-9A-F:]+; expected that of mesh-ca, [0-9A-F:]+$/,
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
]

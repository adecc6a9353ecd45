import type {Problem} from '../../errors.ts'
import {commonFields} from '../../spec/common-fields.ts'
import {listField, mapField, type SpecOf, switchField, textField, textFieldWithDefault} from '../../spec/field.ts'
import {dnsLabel, dnsName} from '../../spec/texts.ts'
import {dir, keyType, subjectAttribute} from './spec.ts'

/** Fields of `mesh ca request`. */
export const caRequestFields = {
  dir,
  cluster: listField({
    flag: 'cluster',
    about: 'names of the clusters to request an intermediate CA for',
    valueName: 'NAME,NAME',
    check: dnsLabel,
  }),
  contexts: {...commonFields.contexts, about: 'kubeconfig contexts of the clusters, to read their names from istiod'},
  clusterName: commonFields.clusterName,
  commonName: textFieldWithDefault({
    flag: 'common-name',
    about: 'common name of the intermediate CAs',
    valueName: 'NAME',
    check: subjectAttribute,
    fallback: 'Intermediate CA',
  }),
  organization: textFieldWithDefault({
    flag: 'organization',
    about: 'organization of the intermediate CAs',
    valueName: 'NAME',
    check: subjectAttribute,
    fallback: 'Istio',
  }),
  systemNamespace: commonFields.systemNamespace,
  revision: commonFields.revision,
  keyType,
}

/** The validated input of `mesh ca request`. */
export type CaRequestSpec = SpecOf<typeof caRequestFields>

/** Cross-field validation. */
export function validateCaRequest({cluster, contexts}: CaRequestSpec): Problem[] {
  if (cluster.length > 0 || contexts.length > 0) return []
  return [{message: '--cluster or --contexts is required', hints: ['--cluster east,west']}]
}

/** Fields of `mesh ca import`. */
export const caImportFields = {
  dir,
  cluster: mapField({
    flag: 'cluster',
    about: 'PEM file with the signed certificate of a cluster, and the certificates above it',
    valueName: 'NAME=FILE',
    checkKey: dnsLabel,
  }),
  from: textField({
    flag: 'from',
    about: 'folder with a file NAME.pem, NAME.crt or NAME.cer for each requested cluster',
    valueName: 'DIR',
    excludes: ['cluster'],
  }),
  rootCert: textField({
    flag: 'root-cert',
    about: 'PEM file with the root of your organization, and intermediate CAs that the other files do not contain',
    valueName: 'FILE',
    fallbackText: 'the root in --dir, else the one in the files',
  }),
  trustDomain: textFieldWithDefault({
    flag: 'trust-domain',
    about: 'trust domain of the mesh; name constraints of the certificates must permit it',
    valueName: 'DOMAIN',
    check: dnsName,
    fallback: 'cluster.local',
  }),
  renew: switchField({flag: 'renew', about: 'replace existing certificates with new ones for the same keys'}),
}

/** The validated input of `mesh ca import`. */
export type CaImportSpec = SpecOf<typeof caImportFields>

/** Cross-field validation. */
export function validateCaImport({cluster, from}: CaImportSpec): Problem[] {
  if (Object.keys(cluster).length > 0 || from !== undefined) return []
  return [{message: '--cluster or --from is required', hints: ['--cluster east=east.pem --cluster west=west.pem']}]
}

import {commonFields} from '../../spec/common-fields.ts'
import {textField} from '../../spec/field.ts'
import {dnsLabel} from '../../spec/texts.ts'

/** The control plane, and the namespace in which hosts without a namespace are looked up. */
export const whereFields = {
  namespace: textField({
    flag: 'namespace',
    about: 'namespace of hosts without one',
    valueName: 'NS',
    check: dnsLabel,
    fallbackText: "the context's",
  }),
  systemNamespace: commonFields.systemNamespace,
  revision: {...commonFields.revision, about: 'revision of the control plane'},
  clusterDomain: commonFields.clusterDomain,
}

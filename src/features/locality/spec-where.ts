import {commonFields} from '../../spec/common-fields.ts'
import {textField} from '../../spec/field.ts'
import {dnsLabel} from '../../spec/texts.ts'

/**
 * The control plane, and the namespace in which hosts without a namespace are looked up. They identify a host and its record, so
 * they are not stored.
 */
export const whereFields = {
  namespace: textField({
    flag: 'namespace',
    about: 'namespace of hosts without one',
    valueName: 'NS',
    check: dnsLabel,
    fallbackText: "the context's",
    perRun: true,
  }),
  systemNamespace: {...commonFields.systemNamespace, perRun: true as const},
  revision: {...commonFields.revision, about: 'revision of the control plane', perRun: true as const},
  clusterDomain: {...commonFields.clusterDomain, perRun: true as const},
}

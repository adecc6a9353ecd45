import {listField, mapField, textField, textFieldWithDefault} from './field.ts'
import {contextName, dnsLabel, dnsName} from './texts.ts'

/** Fields that several features share, so that a flag has one meaning in every command. */
export const commonFields = {
  contexts: listField({
    flag: 'contexts',
    about:
      'kubeconfig contexts of the clusters to join, at least two; NAME=FILE or NAME=FILE#CTX for one in another kubeconfig file',
    valueName: 'CTX,CTX',
    check: contextName,
  }),
  clusterName: mapField({
    flag: 'cluster-name',
    about:
      'name of a cluster in the mesh; default: the name in its istiod or record, else the last part of the context name',
    valueName: 'CTX=NAME',
    check: dnsLabel,
  }),
  clusterDomain: textFieldWithDefault({
    flag: 'cluster-domain',
    about: 'DNS domain of Services',
    valueName: 'DOMAIN',
    check: dnsName,
    fallback: 'cluster.local',
  }),
  systemNamespace: textFieldWithDefault({
    flag: 'system-namespace',
    about: 'namespace of istiod',
    valueName: 'NS',
    check: dnsLabel,
    fallback: 'istio-system',
  }),
  revision: textField({
    flag: 'revision',
    about: 'revision of the control planes, or a revision tag',
    valueName: 'REV',
    check: dnsLabel,
    fallbackText: 'the control plane without a revision',
  }),
}

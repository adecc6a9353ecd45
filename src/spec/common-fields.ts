import {listField, mapField, textField, textFieldWithDefault} from './field.ts'
import {contextName, dnsLabel, dnsName} from './texts.ts'

/** Fields that several features share, so that a flag has one meaning in every command. */
export const commonFields = {
  contexts: listField({
    flag: 'contexts',
    about: 'kubeconfig contexts of the clusters that become one mesh, two or more',
    valueName: 'CTX,CTX',
    check: contextName,
  }),
  clusterName: mapField({
    flag: 'cluster-name',
    about:
      "a cluster's name in the mesh; by default what its istiod or an earlier run calls it, else the context's name",
    valueName: 'CTX=NAME',
    check: dnsLabel,
  }),
  clusterDomain: textFieldWithDefault({
    flag: 'cluster-domain',
    about: 'DNS domain of the Services',
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
    about: 'revision of the control planes to join',
    valueName: 'REV',
    check: dnsLabel,
    fallbackText: 'the one that has no revision',
  }),
}

import {renderFields, setProblems} from '../../control-plane/spec.ts'
import type {Problem} from '../../errors.ts'
import {choiceField, listField, type SpecOf, switchField, textField} from '../../spec/field.ts'
import {dnsLabel} from '../../spec/texts.ts'
import {isReservedKey, labelText, namesOf, revisionText, type TenantNames, tenantName} from './spec-names.ts'

/** For fields that have an effect only on a control plane that is rendered. */
const onlyRendered = {onlyWith: {via: ['istioctl', 'helm', 'sail']}}

/** The fields of `mesh tenant add` and of the mesh file `Tenant`. */
export const tenantFields = {
  name: tenantName,
  namespaces: listField({
    flag: 'namespaces',
    about: 'application namespaces of the tenant, created if missing',
    valueName: 'NS,NS',
    check: dnsLabel,
  }),
  systemNamespace: textField({
    flag: 'system-namespace',
    about: "namespace of the tenant's istiod",
    valueName: 'NS',
    check: dnsLabel,
    fallbackText: "the tenant's name",
  }),
  revision: textField({
    flag: 'revision',
    about: 'revision of the control plane, unique in the cluster',
    valueName: 'REV',
    check: revisionText,
    fallbackText: "the tenant's name",
  }),
  selectorLabel: {
    ...textField({
      flag: 'selector-label',
      about: "label of the tenant's namespaces, which the discovery selectors of its istiod match",
      valueName: 'KEY=VALUE',
      check: labelText,
      fallbackText: "usergroup= and the tenant's name",
    }),
    risk: (before: string | undefined, after: string | undefined) =>
      before === undefined || before === after
        ? undefined
        : `the selector label changes from ${before} to ${after}: all namespaces of the tenant are relabelled, and their workloads may miss configuration until istiod uses the new label`,
  },
  mtls: {
    ...choiceField({
      flag: 'mtls',
      about: 'mTLS mode of the workloads; PERMISSIVE also accepts plain text',
      options: ['STRICT', 'PERMISSIVE'],
      fallback: 'STRICT',
    }),
    risk: (before: 'STRICT' | 'PERMISSIVE', after: 'STRICT' | 'PERMISSIVE') =>
      before === 'STRICT' && after === 'PERMISSIVE'
        ? 'the mTLS mode changes from STRICT to PERMISSIVE: workloads of the tenant accept plain text from every client'
        : undefined,
  },
  profile: renderFields.profile,
  set: {...renderFields.set, ...onlyRendered},
  values: {...renderFields.values, ...onlyRendered},
  via: choiceField({
    flag: 'via',
    about:
      'tool that renders the control plane; sail: create a resource of the Sail operator, none: do not change the control plane',
    options: ['istioctl', 'helm', 'sail', 'none'],
    fallback: 'istioctl',
  }),
  // A path on this computer: it does not change what is created.
  istioctl: {...renderFields.istioctl, onlyWith: {via: ['istioctl']}, perRun: true as const},
  chart: renderFields.chart,
  chartVersion: {...renderFields.chartVersion, onlyWith: {via: ['helm']}},
  isDefault: {
    ...switchField({
      flag: 'default',
      about:
        'make this control plane the default of the cluster: it injects namespaces with istio-injection=enabled, and validates resources without istio.io/rev',
    }),
    ...onlyRendered,
  },
}

/** The Spec of a tenant. */
export type TenantSpec = SpecOf<typeof tenantFields>

/** Cross-field validation. */
export function validateTenant(spec: TenantSpec): Problem[] {
  if (spec.name === undefined)
    return [
      {
        message: 'NAME is missing: name of the tenant',
        hints: ['kubectl mesh tenant add usergroup-1 --namespaces app-1,app-2'],
      },
    ]
  const unusable = revisionText(spec.name)
  if (unusable !== undefined) return [{message: `NAME ${spec.name} ${unusable}`}]
  const names = namesOf(spec)
  return [
    ...revisionProblems(names),
    ...namespaceProblems(names, spec.namespaces),
    ...selectorProblems(names),
    ...setProblems(spec.set),
  ]
}

/** The Service of istiod is named `istiod-REVISION`, and names of Services have at most 63 characters. */
const maxRevisionLength = 63 - 'istiod-'.length

function revisionProblems({revision}: TenantNames): Problem[] {
  if (revision.length <= maxRevisionLength) return []
  return [
    {
      message: `revision ${revision} has ${revision.length} characters; expected at most ${maxRevisionLength}, because the Service is named istiod-REVISION`,
      hints: ['set a shorter one with --revision'],
    },
  ]
}

function namespaceProblems({systemNamespace}: TenantNames, namespaces: readonly string[]): Problem[] {
  const reserved = [systemNamespace, ...namespaces].filter(namespace => namespace.startsWith('kube-'))
  return [
    ...(namespaces.includes(systemNamespace)
      ? [
          {
            message: `--namespaces contains ${systemNamespace}, which is the system namespace`,
            hints: ['use separate namespaces for applications, or set another one with --system-namespace'],
          },
        ]
      : []),
    ...reserved.map(namespace => ({
      message: `namespace ${namespace} is reserved for Kubernetes and cannot belong to a tenant`,
    })),
  ]
}

function selectorProblems({selector: {key}}: TenantNames): Problem[] {
  if (!isReservedKey(key)) return []
  return [
    {
      message: `--selector-label uses the key ${key}, which Kubernetes or Istio gives its own meaning`,
      hints: ['use another key'],
    },
  ]
}

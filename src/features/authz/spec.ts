import type {ApplySet} from '../../engine/kubernetes/applyset.ts'
import type {Problem} from '../../errors.ts'
import {commonFields} from '../../spec/common-fields.ts'
import {goDuration, parseDurationField} from '../../spec/durations.ts'
import {
  choiceField,
  convertedField,
  listField,
  mapField,
  type SpecOf,
  switchField,
  textField,
} from '../../spec/field.ts'
import {dnsLabel, labelValue} from '../../spec/texts.ts'
import {
  type AuthorizerService,
  headerText,
  methodText,
  parseBytes,
  pathText,
  serviceField,
  targetField,
} from './spec-fields.ts'
import {failRisk, fewerRequests, namespaceRisk, notPathsRisk, selectorRisk, targetRisk} from './spec-risks.ts'

const name = {
  ...textField({flag: 'name', about: 'name of the authorizer, for its provider and its policy', check: dnsLabel}),
  argument: true as const,
  perRun: true as const,
}

/** The record is in the system namespace, and lists all revisions. So neither of them is a setting. */
const where = {
  systemNamespace: {...commonFields.systemNamespace, perRun: true as const},
  revision: {
    ...commonFields.revision,
    about: 'revision of the control plane whose proxies use the authorizer',
    perRun: true as const,
  },
}

/** Where the provider is written, or how it is printed. */
export const viaOptions = ['mesh-config', 'shared-config', 'envoy-filter', 'helm-values', 'sail'] as const

/** Only an AuthorizationPolicy can select requests; an EnvoyFilter applies to all of them. */
const withPolicy = {onlyWith: {via: viaOptions.filter(via => via !== 'envoy-filter')}}

/** The fields of `mesh authz attach`. */
export const authzAttachFields = {
  name,
  service: serviceField,
  type: choiceField({
    flag: 'type',
    about: "protocol of the authorizer: Envoy's ext_authz gRPC service, or plain HTTP requests",
    options: ['grpc', 'http'],
    fallback: 'grpc',
  }),
  to: {...targetField, risk: targetRisk},
  selector: {
    ...mapField({
      flag: 'selector',
      about: 'labels of the workloads to protect',
      valueName: 'KEY=VALUE',
      check: labelValue,
    }),
    excludes: ['to'],
    risk: selectorRisk,
  },
  namespace: {
    ...textField({
      flag: 'namespace',
      about: 'namespace of the workloads to protect',
      valueName: 'NS',
      check: dnsLabel,
      fallbackText: "the context's",
    }),
    risk: namespaceRisk,
  },
  paths: {
    ...listField({flag: 'path', about: 'authorize only requests to these paths', valueName: 'P', check: pathText}),
    ...withPolicy,
    risk: fewerRequests('path'),
  },
  notPaths: {
    ...listField({flag: 'not-path', about: 'skip authorization for these paths', valueName: 'P', check: pathText}),
    ...withPolicy,
    risk: notPathsRisk,
  },
  methods: {
    ...listField({
      flag: 'method',
      about: 'authorize only requests with these methods',
      valueName: 'M',
      check: methodText,
    }),
    ...withPolicy,
    risk: fewerRequests('method'),
  },
  headersToCheck: {
    ...listField({
      flag: 'header-to-check',
      about: 'request header to send to the authorizer; over gRPC it receives all headers',
      valueName: 'H',
      check: headerText,
    }),
    onlyWith: {type: ['http']},
  },
  includeBody: convertedField<number | undefined>({
    flag: 'include-body',
    about: 'number of bytes of the request body to send to the authorizer',
    valueName: 'BYTES',
    convert: parseBytes,
    fallback: undefined,
    fallbackText: 'none',
  }),
  timeout: convertedField<number>({
    flag: 'timeout',
    about: 'time to wait for a response of the authorizer',
    valueName: 'D',
    convert: parseDurationField({atLeast: '1ms', atMost: '10m'}),
    fallback: 5000,
    fallbackText: "5s; Istio's default is 10m",
    format: goDuration,
  }),
  fail: {
    ...choiceField({
      flag: 'fail',
      about: 'deny (closed) or allow (open) requests when the authorizer does not respond',
      options: ['closed', 'open'],
      fallback: 'closed',
    }),
    risk: failRisk,
  },
  via: choiceField({
    flag: 'via',
    about: 'where to write the provider; helm-values and sail print it for you to apply',
    options: viaOptions,
    fallback: 'mesh-config',
  }),
  ...where,
  clusterDomain: commonFields.clusterDomain,
}

/** The Spec of `mesh authz attach`. */
export type AuthzAttach = SpecOf<typeof authzAttachFields>

/** A Spec that `validateAuthzAttach` accepts, with the namespace of the context filled in. */
export type CompleteAuthz = AuthzAttach & {name: string; service: AuthorizerService; namespace: string}

/** Cross-field validation. */
export function validateAuthzAttach({name, service, to, selector}: AuthzAttach): Problem[] {
  const problems = validateAttachName({name})
  if (service === undefined)
    problems.push({message: '--service is missing', hints: ['add --service HOST:PORT of the authorizer']})
  if (to === undefined && Object.keys(selector).length === 0)
    problems.push({
      message: '--to is missing',
      hints: ['select what to protect: --to gateway/istio-ingressgateway, or -l app=web'],
    })
  return problems
}

/** Validates that there is a name. */
export function validateAttachName(spec: {name: string | undefined}): Problem[] {
  return spec.name === undefined ? [{message: 'no name specified', hints: ['kubectl mesh authz attach NAME']}] : []
}

/** The fields that identify the record of an authorizer. */
export const authzPlaceFields = {name, ...where}

/** The fields of `mesh authz detach`. */
export const authzDetachFields = {
  ...authzPlaceFields,
  force: switchField({
    flag: 'force',
    about: 'detach it although other policies use it; these then deny every request',
  }),
}

/** The fields of `mesh authz verify`. */
export const authzVerifyFields = {name, ...where, clusterDomain: commonFields.clusterDomain}

/** The fields of `mesh authz list`. */
export const authzListFields = {...where, clusterDomain: commonFields.clusterDomain}

/** An authorizer of a control plane. */
export interface AuthorizerRef {
  name: string
  systemNamespace: string
  revision: string | undefined
}

/** Cross-field validation of commands that need only a name. */
export function validateAuthzName(spec: {name: string | undefined}): Problem[] {
  return spec.name === undefined
    ? [{message: 'no authorizer specified', hints: ['kubectl mesh authz list shows the authorizers']}]
    : []
}

/** The ApplySet of one authorizer, for all revisions. Its record is in the namespace of istiod. */
export function authzApplySet(which: Pick<AuthorizerRef, 'name' | 'systemNamespace'>): ApplySet {
  return {
    name: `kubectl-mesh-authz-${which.name}`,
    namespace: which.systemNamespace,
    kinds: [
      {apiVersion: 'security.istio.io/v1', kind: 'AuthorizationPolicy'},
      {apiVersion: 'networking.istio.io/v1alpha3', kind: 'EnvoyFilter'},
    ],
  }
}

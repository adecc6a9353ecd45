import type {Problem} from '../../errors.ts'
import {commonFields} from '../../spec/common-fields.ts'
import {choiceField, type Field, listField, type SpecOf, switchField, textField} from '../../spec/field.ts'
import type {RawSpec} from '../../spec/read.ts'
import {httpUrl} from '../../spec/texts.ts'
import {type AddonName, namesField, namesIn, namespaceField, placeFields} from './spec-names.ts'

const strategies = ['anonymous', 'token', 'openid'] as const

/** How users log in to Kiali. */
export type AuthStrategy = (typeof strategies)[number]

/** From the strictest to the most open. */
const openness: readonly (AuthStrategy | undefined)[] = ['openid', 'token', undefined, 'anonymous']

function authRisk(before: AuthStrategy | undefined, after: AuthStrategy | undefined): string | undefined {
  return after === 'anonymous' && openness.indexOf(before) < openness.indexOf(after)
    ? 'Kiali will require no login: everyone who reaches it sees the mesh with the permissions of its account'
    : undefined
}

const auth: Field<AuthStrategy | undefined> = {
  ...choiceField({
    flag: 'auth',
    about:
      'login of Kiali; anonymous: none; token: a token of a service account; openid: an OpenID provider. Several clusters need anonymous or openid',
    options: strategies,
    fallback: 'anonymous',
  }),
  fallback: undefined,
  fallbackText: "as in the manifests; Istio's use anonymous",
  risk: authRisk,
}

const withOpenid = {onlyWith: {auth: ['openid']}}

function accessRisk(before: boolean, after: boolean): string | undefined {
  return after && !before
    ? 'every user that the OpenID provider accepts gets the permissions of the account of Kiali'
    : undefined
}

const url = (flag: string, about: string, fallbackText: string) =>
  textField({flag, about, valueName: 'URL', check: httpUrl, fallbackText})

/** The settings of Kiali, which no other add-on has. */
const kialiFields = {
  auth,
  openidIssuer: {
    ...textField({flag: 'openid-issuer', about: 'issuer URL of the OpenID provider', valueName: 'URL', check: httpUrl}),
    ...withOpenid,
  },
  openidClientId: {
    ...textField({flag: 'openid-client-id', about: 'client ID of Kiali at the OpenID provider', valueName: 'ID'}),
    ...withOpenid,
  },
  openidUsernameClaim: {
    ...textField({
      flag: 'openid-username-claim',
      about: 'claim with the name of the user',
      valueName: 'CLAIM',
      fallbackText: 'that of Kiali: sub',
    }),
    ...withOpenid,
  },
  openidSharedAccess: {
    ...switchField({
      flag: 'openid-shared-access',
      about:
        'give every user the permissions of the account of Kiali; needed if API servers do not accept the tokens of the provider',
    }),
    ...withOpenid,
    risk: accessRisk,
  },
  prometheusUrl: url(
    'prometheus-url',
    'Prometheus that Kiali reads; for several clusters, one with the metrics of all',
    'the add-on in the same namespace',
  ),
  grafanaUrl: url('grafana-url', 'Grafana as browsers reach it, for links in Kiali', 'none'),
  tracingUrl: url(
    'tracing-url',
    'query API of Jaeger that Kiali reads',
    'the add-on in the same namespace, if installed',
  ),
}

/** Names of the settings of Kiali. */
export const kialiFieldNames: readonly string[] = Object.keys(kialiFields)

/** The fields of `mesh addon install` and of the mesh file `Addons`. */
export const addonInstallFields = {
  names: namesField,
  from: {
    ...textField({
      flag: 'from',
      about:
        'manifests: the folder of your Istio release, a folder with ADDON.yaml, a file, - for stdin; or a Helm chart: a folder, a .tgz file, oci://… or REPO/NAME',
      valueName: 'PATH',
    }),
    perRun: true as const,
  },
  values: {
    ...listField({flag: 'values', about: 'values file for a Helm chart; repeatable', valueName: 'FILE'}),
    perRun: true as const,
  },
  namespace: {...namespaceField, risk: namespaceRisk},
  ...placeFields,
  revision: {
    ...commonFields.revision,
    about: 'revision of the control plane that Kiali reads; only Kiali before 2.14 needs it',
  },
  ...kialiFields,
}

function namespaceRisk(before: string | undefined, after: string | undefined): string | undefined {
  return before === undefined || before === after
    ? undefined
    : `the add-on moves from namespace ${before} to ${after ?? 'that of istiod'}; data in its volumes is not moved`
}

/** A validated request for one add-on. */
export type AddonInstall = SpecOf<typeof addonInstallFields>

/** The input as flags and answers give it. */
export type RawAddonInstall = RawSpec<typeof addonInstallFields>

/** Returns the part of an input that concerns one add-on: the settings of Kiali only concern Kiali. */
export function rawFor(raw: RawAddonInstall, name: AddonName): RawAddonInstall {
  const isOther = (field: string) => name !== 'kiali' && kialiFieldNames.includes(field)
  return {...Object.fromEntries(Object.entries(raw).filter(([field]) => !isOther(field))), names: [name]}
}

/** Cross-field validation. */
export function validateAddonInstall(spec: AddonInstall): Problem[] {
  const missing: Problem[] = [
    ...(spec.names.length === 0
      ? [
          {
            message: 'at least one add-on is required',
            hints: ['kubectl mesh addon install kiali prometheus --from ./istio-1.31.0'],
          },
        ]
      : []),
    ...(spec.from === undefined
      ? [
          {
            message: '--from is required: specify the manifests',
            hints: [
              '--from ./istio-1.31.0 uses samples/addons of an Istio release (https://github.com/istio/istio/releases)',
            ],
          },
        ]
      : []),
  ]
  return [...missing, ...kialiProblems(spec)]
}

function kialiProblems(spec: AddonInstall): Problem[] {
  const isKiali = namesIn(spec.names).includes('kiali')
  const unused = Object.entries(kialiFields).filter(
    ([name, {fallback}]) => spec[name as keyof AddonInstall] !== fallback,
  )
  if (!isKiali && unused.length > 0)
    return [{message: `${unused.map(([, {flag}]) => `--${flag}`).join(', ')} only has an effect with the add-on kiali`}]
  if (spec.auth !== 'openid') return []
  const required = {'openid-issuer': spec.openidIssuer, 'openid-client-id': spec.openidClientId}
  return Object.entries(required)
    .filter(([, value]) => value === undefined)
    .map(([flag]) => ({message: `--auth openid requires --${flag}`}))
}

/** The fields of `mesh addon remove`. */
export const addonRemoveFields = {names: namesField, ...placeFields}

/** The Spec of `mesh addon remove`. */
export type AddonRemove = SpecOf<typeof addonRemoveFields>

/** Cross-field validation. */
export function validateAddonRemove({names}: AddonRemove): Problem[] {
  return names.length > 0
    ? []
    : [{message: 'at least one add-on is required', hints: ['kubectl mesh addon list shows those that are installed']}]
}

import {renderFields} from '../../control-plane/spec.ts'
import type {Problem} from '../../errors.ts'
import {parseRequestedValues} from '../../istio/render/requested.ts'
import {SetProblem} from '../../istio/render/set.ts'
import {choiceField, listField, type SpecOf, switchField, type TextCheck, textField} from '../../spec/field.ts'
import {dnsLabel, labelValue} from '../../spec/texts.ts'

/** Names that Istio or Kubernetes use for something else: a revision `default` is none. */
const reserved: TextCheck = text =>
  text === 'default' ? "can't be a revision: it stands for having none" : dnsLabel(text)

/** `istiod-REVISION` is a Service, whose name has at most 63 characters. */
const longestRevision = 63 - 'istiod-'.length

/** `KEY=VALUE` of a label that a selector may ask for. */
const labelPair: TextCheck = text => {
  const at = text.indexOf('=')
  const [prefix, name] = splitKey(text.slice(0, Math.max(at, 0)))
  const fine =
    at > 0 &&
    labelValue(text.slice(at + 1)) === undefined &&
    labelValue(name) === undefined &&
    (prefix === undefined || /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(prefix))
  return fine ? undefined : 'is not a label (KEY=VALUE)'
}

function splitKey(key: string): [string | undefined, string] {
  const slash = key.indexOf('/')
  return slash < 0 ? [undefined, key] : [key.slice(0, slash), key.slice(slash + 1)]
}

/** The name of a tenant, which the commands take as an argument. */
export const tenantName = textField({
  flag: 'name',
  about: 'name of the tenant',
  valueName: 'NAME',
})

/** All that `mesh tenant add` can be told beside the name. */
export const tenantFlagFields = {
  namespaces: listField({
    flag: 'namespaces',
    about: 'application namespaces of the tenant, made when they are missing',
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
    about: 'revision of its control plane, one of its own in the cluster',
    valueName: 'REV',
    check: reserved,
    fallbackText: "the tenant's name",
  }),
  selectorLabel: textField({
    flag: 'selector-label',
    about: 'label by which its istiod finds its namespaces',
    valueName: 'KEY=VALUE',
    check: labelPair,
    fallbackText: "usergroup= and the tenant's name",
  }),
  mtls: choiceField({
    flag: 'mtls',
    about: 'whether its workloads take requests without mTLS',
    options: ['STRICT', 'PERMISSIVE'],
    fallback: 'STRICT',
  }),
  profile: renderFields.profile,
  set: renderFields.set,
  values: renderFields.values,
  via: choiceField({
    flag: 'via',
    about: 'what renders the control plane; sail writes resources of the Sail operator, none leaves it out',
    options: ['istioctl', 'helm', 'sail', 'none'],
    fallback: 'istioctl',
  }),
  istioctl: renderFields.istioctl,
  chart: renderFields.chart,
  chartVersion: renderFields.chartVersion,
  isDefault: switchField({
    flag: 'default',
    about: 'also inject namespaces that ask for no revision, and validate what carries none',
  }),
}

/** All that `mesh tenant add` can be told; a mesh file has these keys. */
export const tenantFields = {name: tenantName, ...tenantFlagFields}

/** What was said of a tenant. */
export type TenantSpec = SpecOf<typeof tenantFields>

/** A tenant with all its names. */
export interface TenantNames {
  name: string
  systemNamespace: string
  revision: string
  /** The label by which its istiod finds its namespaces. */
  selector: {key: string; value: string}
}

/** The names of a tenant; what was not said follows from its name, as Istio's guide has it. */
export function namesOf(
  spec: Pick<TenantSpec, 'name' | 'systemNamespace' | 'revision' | 'selectorLabel'>,
): TenantNames {
  const name = spec.name!
  const label = spec.selectorLabel ?? `usergroup=${name}`
  const at = label.indexOf('=')
  return {
    name,
    systemNamespace: spec.systemNamespace ?? name,
    revision: spec.revision ?? name,
    selector: {key: label.slice(0, at), value: label.slice(at + 1)},
  }
}

/** What one field alone can't tell. */
export function tenantProblems(spec: TenantSpec): Problem[] {
  if (spec.name === undefined)
    return [
      {
        message: 'NAME is missing: how is the tenant called?',
        hints: ['kubectl mesh tenant add usergroup-1 --namespaces app-1,app-2'],
      },
    ]
  const {systemNamespace, revision, selector} = namesOf(spec)
  const unfit = reserved(spec.name)
  if (unfit !== undefined) return [{message: `the tenant's name ${spec.name} ${unfit}`}]
  const problems: Problem[] = []
  if (revision.length > longestRevision)
    problems.push({
      message: `the revision ${revision} has ${revision.length} characters, and istiod-REVISION has to be a Service's name: at most ${longestRevision}`,
      hints: ['--revision SHORTER'],
    })
  if (spec.namespaces.includes(systemNamespace))
    problems.push({
      message: `--namespaces names ${systemNamespace}, which is the system namespace`,
      hints: ['keep applications out of it, or say --system-namespace'],
    })
  const foreign = [systemNamespace, ...spec.namespaces].filter(namespace => /^kube-/.test(namespace))
  for (const namespace of foreign)
    problems.push({message: `${namespace} belongs to Kubernetes and can't be a tenant's`})
  if (selector.key === 'istio.io/rev' || selector.key === 'istio-injection')
    problems.push({message: `--selector-label ${selector.key}=…: this label means injection; take another key`})
  if (spec.via !== 'istioctl' && spec.istioctl !== undefined)
    problems.push({message: `--istioctl has no use with --via ${spec.via}`})
  if (spec.via !== 'helm' && spec.chartVersion !== undefined)
    problems.push({message: `--chart-version has no use with --via ${spec.via}`})
  if (spec.via === 'none' && spec.isDefault)
    problems.push({message: '--default makes webhooks of the control plane, and --via none leaves it out'})
  if (spec.via === 'none' && (spec.set.length > 0 || spec.values.length > 0))
    problems.push({message: '--set and --values are for the control plane, and --via none leaves it out'})
  try {
    parseRequestedValues([], spec.set)
  } catch (error) {
    if (!(error instanceof SetProblem)) throw error
    problems.push({message: error.message, hints: ['for example --set values.pilot.autoscaleMin=2']})
  }
  return problems
}

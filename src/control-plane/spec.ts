import type {Problem} from '../errors.ts'
import {parseRequestedValues} from '../istio/render/requested.ts'
import {SetProblem} from '../istio/render/set.ts'
import {type Field, type SpecOf, textField, textFieldWithDefault, textOf} from '../spec/field.ts'
import {dnsLabel, labelValue} from '../spec/texts.ts'

/** A list from a repeated flag. Values are not split at commas, because a path or a value can contain them. */
function wholeListField(definition: {flag: string; about: string; valueName: string}): Field<string[]> {
  return {
    ...definition,
    kind: 'list',
    fallback: [],
    parse: raw => (Array.isArray(raw) ? raw : [raw]).map(textOf),
    format: texts => texts,
  }
}

/** The fields that define how a control plane is rendered, for every command that installs one. */
export const renderFields = {
  profile: textFieldWithDefault({
    flag: 'profile',
    about: 'Istio profile to render',
    valueName: 'NAME',
    check: dnsLabel,
    fallback: 'minimal',
  }),
  set: wholeListField({
    flag: 'set',
    about: 'value of the control plane, in the syntax of istioctl and Helm; may be repeated',
    valueName: 'PATH=VALUE',
  }),
  values: wholeListField({
    flag: 'values',
    about: 'file with an IstioOperator or with Helm values; may be repeated',
    valueName: 'FILE',
  }),
  istioctl: textField({
    flag: 'istioctl',
    about: 'istioctl that renders the control plane, 1.24 or newer',
    valueName: 'FILE',
    fallbackText: 'istioctl in PATH',
  }),
  chart: textFieldWithDefault({
    flag: 'chart',
    about: 'istiod chart for helm: a folder, a file, oci://… or REPO/NAME',
    valueName: 'CHART',
    check: text => (text.startsWith('-') || text === '' ? 'is not a chart' : undefined),
    fallback: 'istio/istiod',
  }),
  chartVersion: textField({
    flag: 'chart-version',
    about: 'version of the istiod chart',
    valueName: 'VERSION',
    check: labelValue,
    fallbackText: 'the newest',
  }),
}

/** The names of these fields, for a group in help. */
export const renderFieldNames = Object.keys(renderFields) as (keyof typeof renderFields)[]

/** Returns what is wrong with the values of `--set`. */
export function setProblems(set: readonly string[]): Problem[] {
  try {
    parseRequestedValues([], set)
    return []
  } catch (error) {
    if (!(error instanceof SetProblem)) throw error
    return [{message: error.message, hints: ['for example --set values.pilot.autoscaleMin=2']}]
  }
}

/** The render settings of a Spec, and the tool that renders. */
export type RenderSpec = SpecOf<typeof renderFields> & {via: 'istioctl' | 'helm' | 'sail' | 'none'}

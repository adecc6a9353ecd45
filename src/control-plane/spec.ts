import {type Field, type SpecOf, textField, textFieldWithDefault} from '../spec/field.ts'
import {dnsLabel, labelValue} from '../spec/texts.ts'

/** Texts by repeating the flag, each taken whole: commas separate nothing in a path or a value. */
function wholeListField(said: {flag: string; about: string; valueName: string}): Field<string[]> {
  return {
    ...said,
    kind: 'list',
    fallback: [],
    parse: raw => (Array.isArray(raw) ? raw : [raw]).map(text => String(text)),
    format: texts => texts,
  }
}

/** How a control plane is rendered: the same fields wherever one is installed. */
export const renderFields = {
  profile: textFieldWithDefault({
    flag: 'profile',
    about: "Istio's profile to render",
    valueName: 'NAME',
    check: dnsLabel,
    fallback: 'minimal',
  }),
  set: wholeListField({
    flag: 'set',
    about: 'a value of the control plane, as istioctl or Helm take it; may be repeated',
    valueName: 'PATH=VALUE',
  }),
  values: wholeListField({
    flag: 'values',
    about: 'file with an IstioOperator or with Helm values; may be repeated',
    valueName: 'FILE',
  }),
  istioctl: textField({
    flag: 'istioctl',
    about: 'istioctl to render with, 1.24 or newer',
    valueName: 'FILE',
    fallbackText: 'the one in PATH',
  }),
  chart: textFieldWithDefault({
    flag: 'chart',
    about: 'istiod chart that helm renders: a folder, a file, oci://… or REPO/NAME',
    valueName: 'CHART',
    check: text => (text.startsWith('-') || text === '' ? 'is not a chart' : undefined),
    fallback: 'istio/istiod',
  }),
  chartVersion: textField({
    flag: 'chart-version',
    about: 'version of that chart',
    valueName: 'VERSION',
    check: labelValue,
    fallbackText: 'the newest',
  }),
}

/** What was set of rendering, and by what it is done. */
export type RenderSpec = SpecOf<typeof renderFields> & {via: 'istioctl' | 'helm' | 'sail' | 'none'}

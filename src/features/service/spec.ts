import type {Problem} from '../../errors.ts'
import {commonFields} from '../../spec/common-fields.ts'
import {goDuration, parseDurationField} from '../../spec/durations.ts'
import {convertedField, listField, type SpecOf, switchField, textField} from '../../spec/field.ts'
import {contextName, dnsLabel, dnsName} from '../../spec/texts.ts'

const name = {...textField({flag: 'name', about: 'name of the Service', check: dnsLabel}), argument: true as const}
const namespace = textField({
  flag: 'namespace',
  about: 'namespace of the Service',
  valueName: 'NS',
  check: dnsLabel,
  fallbackText: 'the namespace of the context',
})
const selector = textField({
  flag: 'selector',
  about: 'label selector of the Services',
  valueName: 'SELECTOR',
  excludes: ['name'],
})
/** DNS domain of Services in most clusters. */
export const defaultDomain = commonFields.clusterDomain.fallback

const common = {
  clusterName: commonFields.clusterName,
  systemNamespace: commonFields.systemNamespace,
  revision: commonFields.revision,
}

/** Fields of `mesh service export`, without those for which kubectl has a flag. */
export const serviceExportFlagFields = {
  contexts: {
    ...commonFields.contexts,
    about: 'kubeconfig contexts of the clusters that export services',
    fallbackText: 'the current context',
  },
  to: listField({
    flag: 'to',
    about:
      'kubeconfig contexts of the clusters that import the services; default: all of --contexts import from each other',
    valueName: 'CTX,CTX',
    check: contextName,
  }),
  all: switchField({
    flag: 'all',
    about: 'export all Services of the namespace that can be exported',
    excludes: ['name', 'selector'],
  }),
  watch: switchField({
    flag: 'watch',
    about: 'export Services labelled mesh.kubectl-mesh.io/export=true, and update continuously until Ctrl-C',
    excludes: ['name', 'selector', 'all'],
  }),
  interval: convertedField<number>({
    flag: 'interval',
    about: 'time between updates',
    valueName: 'DURATION',
    convert: parseDurationField({atLeast: '1s', atMost: '24h'}),
    fallback: 10_000,
    fallbackText: '10s',
    format: goDuration,
    onlyWith: {watch: [true]},
  }),
  clusterDomain: textField({
    flag: 'cluster-domain',
    about: 'DNS domain of Services in the exporting clusters',
    valueName: 'DOMAIN',
    check: dnsName,
    fallbackText: `that of their earlier exports, else ${defaultDomain}`,
  }),
  ...common,
}

/** Fields of `mesh service export`. */
export const serviceExportFields = {name, namespace, selector, ...serviceExportFlagFields}

/** The validated input of `mesh service export`. */
export type ServiceExport = SpecOf<typeof serviceExportFields>

const {watch: _watch, interval: _interval, ...fileFields} = serviceExportFields

/** Fields of the mesh file `ServiceExport`. It has no watch, because that does not end. */
export const serviceExportFileFields = fileFields

/** Cross-field validation of a mesh file. It names its clusters, so that it means the same everywhere. */
export function validateServiceExportFile(spec: SpecOf<typeof serviceExportFileFields>): Problem[] {
  const missing =
    spec.contexts.length > 0 ? [] : [{message: '--contexts is missing: the clusters that export the Service'}]
  return [...missing, ...validateServiceExport({...spec, watch: false})]
}

/** Cross-field validation. */
export function validateServiceExport(spec: Omit<ServiceExport, 'interval'>): Problem[] {
  const isSelected = spec.name !== undefined || spec.selector !== undefined || spec.all || spec.watch
  return [...(isSelected ? [] : [selectionProblem('export', 'NAME, --all or -l')]), ...importerProblems(spec)]
}

/** Fields of `mesh service unexport`, without those for which kubectl has a flag. */
export const serviceUnexportFlagFields = {
  contexts: {
    ...commonFields.contexts,
    about: 'kubeconfig contexts of the clusters that stop exporting services',
    fallbackText: 'the current context',
  },
  to: {
    ...serviceExportFlagFields.to,
    about:
      'kubeconfig contexts of the clusters that stop importing; default: all of --contexts stop importing from each other',
  },
  all: switchField({
    flag: 'all',
    about: 'withdraw all exported services, or those in --namespace',
    excludes: ['name'],
  }),
  ...common,
}

/** Fields of `mesh service unexport`. */
export const serviceUnexportFields = {name, namespace, ...serviceUnexportFlagFields}

/** The validated input of `mesh service unexport`. */
export type ServiceUnexport = SpecOf<typeof serviceUnexportFields>

/** Cross-field validation. */
export function validateServiceUnexport(spec: ServiceUnexport): Problem[] {
  const isSelected = spec.name !== undefined || spec.all
  return [...(isSelected ? [] : [selectionProblem('unexport', 'NAME or --all')]), ...importerProblems(spec)]
}

/** Fields of `mesh service list`. */
export const serviceListFields = {
  contexts: {
    ...commonFields.contexts,
    about: 'kubeconfig contexts of the clusters whose imports are listed',
    fallbackText: 'the current context',
  },
  ...common,
}

function selectionProblem(verb: string, choices: string): Problem {
  return {
    message: `no Service is selected: set ${choices}`,
    hints: [`kubectl mesh service ${verb} NAME -n NS --to CTX`],
  }
}

/** Problems if no cluster would import from another one. */
function importerProblems({contexts, to}: {contexts: readonly string[]; to: readonly string[]}): Problem[] {
  const hints = ['--to CTX,CTX, or --contexts with two or more clusters that import from each other']
  if (to.length === 0)
    return new Set(contexts).size > 1 ? [] : [{message: 'no importing cluster is selected: set --to', hints}]
  const isOther = to.some(importer => contexts.length !== 1 || contexts[0] !== importer)
  return isOther ? [] : [{message: `--to ${to[0]} is the exporting cluster itself`, hints}]
}

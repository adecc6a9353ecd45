import type {Problem} from '../../errors.ts'
import {commonFields} from '../../spec/common-fields.ts'
import {goDuration, parseDurationField} from '../../spec/durations.ts'
import {convertedField, listField, type SpecOf, switchField, textField} from '../../spec/field.ts'
import {contextName, dnsLabel} from '../../spec/texts.ts'

/** Which services, and of which control plane: what all commands on services have in common. */
const name = {...textField({flag: 'name', about: 'the Service', check: dnsLabel}), argument: true as const}
const namespace = textField({
  flag: 'namespace',
  about: 'namespace of the Service',
  valueName: 'NS',
  check: dnsLabel,
  fallbackText: "the context's",
})
const selector = textField({flag: 'selector', about: 'all Services that fit', valueName: 'SELECTOR'})
const common = {
  clusterName: commonFields.clusterName,
  systemNamespace: commonFields.systemNamespace,
  revision: commonFields.revision,
}

/** The flags of `mesh service export`, without those that kubectl has too. */
export const serviceExportFlagFields = {
  contexts: {
    ...commonFields.contexts,
    about: 'kubeconfig contexts of the clusters whose services are exported',
    fallbackText: 'the current one',
  },
  to: listField({
    flag: 'to',
    about: 'kubeconfig contexts of the clusters that get to know them; without it those of --contexts each other',
    valueName: 'CTX,CTX',
    check: contextName,
  }),
  all: switchField({flag: 'all', about: 'all Services of the namespace that can be exported'}),
  watch: switchField({
    flag: 'watch',
    about: 'keep in step with Services labelled mesh.kubectl-mesh.io/export=true, until Ctrl-C',
  }),
  interval: convertedField<number>({
    flag: 'interval',
    about: 'with --watch, how often to look',
    valueName: 'DURATION',
    convert: parseDurationField({atLeast: '1s', atMost: '24h'}),
    fallback: 10_000,
    fallbackText: '10s',
    format: goDuration,
  }),
  clusterDomain: commonFields.clusterDomain,
  ...common,
}

/** All that `mesh service export` can be told. */
export const serviceExportFields = {name, namespace, selector, ...serviceExportFlagFields}

export type ServiceExport = SpecOf<typeof serviceExportFields>

/** What one field alone can't tell. */
export function serviceExportProblems(spec: ServiceExport): Problem[] {
  const {watch} = spec
  const chosen = chosenBy(spec)
  const problems = sidesProblems(spec)
  if (watch && chosen.length > 0)
    problems.push({
      message: `--watch goes by the label mesh.kubectl-mesh.io/export=true, not by ${chosen.join(' and ')}`,
      hints: ['leave it out'],
    })
  return watch ? problems : [...choiceProblems(spec, 'export'), ...problems]
}

/** The flags of `mesh service unexport`, without those that kubectl has too. */
export const serviceUnexportFlagFields = {
  contexts: {
    ...commonFields.contexts,
    about: 'kubeconfig contexts of the clusters that stop to export',
    fallbackText: 'the current one',
  },
  to: {
    ...serviceExportFlagFields.to,
    about: 'kubeconfig contexts of the clusters that forget them; without it those of --contexts each other',
  },
  all: switchField({flag: 'all', about: 'all that is exported, in --namespace if that is given'}),
  ...common,
}

/** All that `mesh service unexport` can be told. */
export const serviceUnexportFields = {name, namespace, ...serviceUnexportFlagFields}

export type ServiceUnexport = SpecOf<typeof serviceUnexportFields>

/** What one field alone can't tell. */
export function serviceUnexportProblems(spec: ServiceUnexport): Problem[] {
  return [...choiceProblems(spec, 'unexport'), ...sidesProblems(spec)]
}

/** All that `mesh service list` can be told. */
export const serviceListFields = {
  contexts: {
    ...commonFields.contexts,
    about: 'kubeconfig contexts of the clusters to ask what they import',
    fallbackText: 'the current one',
  },
  ...common,
}

export type ServiceList = SpecOf<typeof serviceListFields>

interface Choice {
  name?: string | undefined
  selector?: string | undefined
  all: boolean
}

function chosenBy({name, selector, all}: Choice): string[] {
  return [name && `NAME (${name})`, all && '--all', selector && '-l'].filter(said => typeof said === 'string')
}

function choiceProblems(spec: Choice, verb: string): Problem[] {
  const chosen = chosenBy(spec)
  if (chosen.length === 1) return []
  const message =
    chosen.length === 0
      ? `which service? ${verb} wants NAME${verb === 'export' ? ', --all or -l' : ' or --all'}`
      : `${chosen.join(' and ')} do not go together`
  return [{message, hints: [`kubectl mesh service ${verb} NAME -n NS --to CTX`]}]
}

function sidesProblems({contexts, to}: {contexts: readonly string[]; to: readonly string[]}): Problem[] {
  if (
    to.length > 0 ? to.some(importer => contexts.length !== 1 || contexts[0] !== importer) : new Set(contexts).size > 1
  )
    return []
  return [
    {
      message: to.length > 0 ? `${to[0]} is the cluster itself` : 'to which clusters?',
      hints: ['--to CTX,CTX, or --contexts with two or more for all of them each other'],
    },
  ]
}

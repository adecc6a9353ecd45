import {stat} from 'node:fs/promises'
import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import {exitCodes, MeshError, messageOf, refusedError, usageError} from '../errors.ts'
import type {ControlPlaneInput, RequestedValues} from '../istio/render/input.ts'
import {parseRequestedValues} from '../istio/render/requested.ts'
import {SetProblem} from '../istio/render/set.ts'
import {contradictions} from '../istio/render/values.ts'
import type {Raw} from '../spec/field.ts'
import {cannotRead} from '../text/file-errors.ts'
import {readText} from '../text/read-text.ts'
import {loadYaml} from '../text/yaml.ts'
import {type RenderSpec, renderFields} from './spec.ts'

/** A file of `--values`, parsed. */
export interface ValuesFile {
  /** Path, for messages. */
  name: string
  content: unknown
}

/**
 * Reads the files of `--values`.
 *
 * @throws MeshError (exit 2) for a file that cannot be read
 */
export async function readValuesFiles(names: readonly string[]): Promise<ValuesFile[]> {
  return Promise.all(
    names.map(async name => {
      const text = await readText(name).catch(cannotRead(name))
      try {
        return {name, content: loadYaml(text)}
      } catch (error) {
        throw usageError(`--values ${name}: ${messageOf(error).split('\n')[0]}`)
      }
    }),
  )
}

/**
 * Merges the content of values files with `--set`.
 *
 * @throws MeshError (exit 2) for invalid values
 */
export function mergeRequestedValues(files: readonly ValuesFile[], set: readonly string[]): RequestedValues {
  try {
    return parseRequestedValues(files, set)
  } catch (error) {
    if (!(error instanceof SetProblem)) throw error
    throw usageError(error.message)
  }
}

/** Key of the contents of `--values` in a record: a later run may be on another computer. */
const valuesKey = 'values'

/** Returns the part of a record's data that stores the contents of `--values`. */
export function valuesData(values: readonly ValuesFile[]): Record<string, string> {
  return values.length > 0 ? {[valuesKey]: JSON.stringify(values)} : {}
}

/**
 * Returns the contents of the `--values` of an earlier run.
 *
 * @returns undefined if this run sets or resets them
 * @throws MeshError (exit 3) for a text that kubectl-mesh does not write
 */
export function storedValues(
  {requested, reset, complete}: {requested: {values?: Raw}; reset: readonly string[]; complete: boolean},
  record: KubernetesObject | undefined,
): ValuesFile[] | undefined {
  const text = (record?.data as Record<string, string | undefined> | undefined)?.[valuesKey]
  if (complete || requested.values !== undefined || reset.includes('values') || text === undefined) return undefined
  try {
    return JSON.parse(text) as ValuesFile[]
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw refusedError(
      `configmap/${record!.metadata.name} in namespace ${record!.metadata.namespace}: the value of ${valuesKey} is not JSON that kubectl-mesh wrote`,
      'set --values again, or add --reset values',
    )
  }
}

/** The input of a run, over the stored settings of an earlier one. */
export interface RenderInput {
  requested: {values?: Raw; chart?: Raw}
  reset: readonly string[]
  complete: boolean
}

/**
 * Returns the contents of `--values`: those of this run, or those that the record stores.
 *
 * Threat: a record names files of the computer on which a later run is. So files are read only if this run names them.
 *
 * @param spec the merged settings
 * @param record the record of an earlier run
 * @throws MeshError (exit 2) for a file that cannot be read, and for files or charts that only the record names; (exit 3) for a
 *   text that kubectl-mesh does not write
 */
export async function readMergedValues(
  spec: Pick<RenderSpec, 'values' | 'chart'>,
  input: RenderInput,
  record: KubernetesObject | undefined,
): Promise<ValuesFile[]> {
  await refuseRecordedChart(spec, input)
  if (spec.values.length === 0) return []
  const stored = storedValues(input, record)
  if (stored) return stored
  if (!input.complete && input.requested.values === undefined)
    throw usageError(
      `an earlier run used --values ${spec.values.join(', ')}, but its record does not contain the files`,
      'set --values again, or add --reset values',
    )
  return readValuesFiles(spec.values)
}

/**
 * Refuses a chart on this computer that only a record names. Helm uses a file or folder of the name of a chart, if there is one.
 *
 * @throws MeshError (exit 2)
 */
export async function refuseRecordedChart(
  {chart}: Pick<RenderSpec, 'chart'>,
  {requested, complete}: Pick<RenderInput, 'requested' | 'complete'>,
): Promise<void> {
  if (complete || requested.chart !== undefined || chart === renderFields.chart.fallback) return
  if (chart.includes('://') || !(/^[./~]/.test(chart) || (await stat(chart).catch(() => undefined)))) return
  throw usageError(
    `an earlier run used --chart ${chart}, which is a path; files of this computer are used only if the command line names them`,
    'set --chart again, or return to the default with --reset chart',
  )
}

/**
 * Refuses fields of an IstioOperator for which Helm and the Sail operator have no equivalent.
 *
 * @throws MeshError (exit 2)
 */
export function refuseOperatorFields({operator}: RequestedValues, flag: string): void {
  const fields = Object.keys(operator).filter(key => key !== 'profile')
  if (fields.length > 0)
    throw usageError(
      `--set or --values sets ${fields.join(', ')}, which only istioctl supports`,
      `use ${flag} istioctl, or omit them`,
    )
}

/**
 * Refuses values that contradict what other flags determine.
 *
 * @param about the cluster, for the message
 * @param flagFor the flag that sets a value, by path
 * @throws MeshError (exit 2)
 */
export function refuseContradictions(
  input: ControlPlaneInput,
  about: string,
  flagFor: Readonly<Record<string, string>>,
): void {
  const found = contradictions(input)
  if (found.length > 0)
    throw new MeshError(
      found.map(({path, requested: value, expected}) => ({
        message: `--set or --values sets ${path} to ${value}; expected ${expected} for ${about}`,
        hints: [`omit it from --set and --values; use ${flagFor[path]}`],
      })),
      exitCodes.usage,
    )
}

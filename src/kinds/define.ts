import type {ExitCode, Problem} from '../errors.ts'
import type {AppliedKind, DocumentPart, DocumentValues, KindRemoval} from '../features/files/kind.ts'
import type {ExportedDocument, LiveCluster} from '../mesh/exported/exported.ts'
import type {Run} from '../run/run.ts'
import type {Schema, SpecOf} from '../spec/field.ts'
import type {RawSpec} from '../spec/read.ts'

/** A kind in terms of its fields: see `AppliedKind`. */
interface KindDetails<S extends Schema> {
  validate(spec: SpecOf<S>): Problem[]
  nameOf?(spec: SpecOf<S>): string | undefined
  claims(spec: SpecOf<S>): string[]
  command: string
  after: readonly string[]
  apply(raw: RawSpec<S>, context: string, run: Run): Promise<ExitCode>
  exported: AppliedKind['exported']
  removal?: KindRemoval
}

/** Returns a kind. The reader of documents passes to its functions only a Spec with these fields. */
export function defineKind<S extends Schema>(kind: string, fields: S, details: KindDetails<S>): AppliedKind {
  return {kind, fields, ...details} as unknown as AppliedKind
}

/**
 * Returns `exported` of a kind whose documents are for one cluster.
 *
 * @param load loads the function that returns the documents of a cluster
 */
export function inEachCluster(
  load: () => Promise<(live: LiveCluster) => ExportedDocument[] | Promise<ExportedDocument[]>>,
): AppliedKind['exported'] {
  return async clusters => {
    const documentsOf = await load()
    return (await Promise.all(clusters.map(documentsOf))).flat()
  }
}

/** The removal of a kind in terms of the fields of its command: see `KindRemoval`. */
interface RemovalDetails<S extends Schema> {
  command: string
  fields: S
  partsOf: KindRemoval['partsOf']
  rawOf(
    values: DocumentValues,
    gone: readonly DocumentPart[],
    kept: readonly DocumentPart[],
  ): {[name in keyof S]?: unknown}
  remove(raw: RawSpec<S>, context: string, run: Run): Promise<ExitCode>
}

/** Returns the removal of a kind. Its functions receive only input with these fields. */
export function defineRemoval<S extends Schema>(details: RemovalDetails<S>): KindRemoval {
  return details as unknown as KindRemoval
}

/**
 * Returns `partsOf` of a kind whose documents have one part.
 *
 * @param keys names of the fields that identify it, the one for messages last
 */
export function onePart(...keys: readonly string[]): KindRemoval['partsOf'] {
  return (values, context) => {
    const texts = keys.map(key => String(values[key] ?? 'default'))
    return [{context, key: texts.join('/'), name: texts.at(-1)!}]
  }
}

/** A control plane as messages name it. */
export function controlPlaneName(spec: {systemNamespace: string; revision: string | undefined}): string {
  const {systemNamespace, revision} = spec
  return revision === undefined ? systemNamespace : `${systemNamespace}, revision ${revision}`
}

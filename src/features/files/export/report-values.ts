import {createHash} from 'node:crypto'
import type {ExportedDocument, ExportedValues} from '../../../mesh/exported/exported.ts'
import {findSecrets} from '../../../spec/documents/secrets.ts'
import {fileNameOf} from '../../../text/file-name.ts'
import {dumpYaml} from '../../../text/yaml.ts'
import {exportMark} from './report-exported.ts'

/** A values file of a document. */
export interface ValuesText {
  /** Name of the file. Equal contents of equal names have the same one. */
  name: string
  text: string
}

/** A document with the values files to write beside it. */
export interface WithValues {
  document: ExportedDocument
  files: readonly ValuesText[]
}

/**
 * Returns a document that names its values files below a folder, with their contents. The contents are those of the record, because the
 * files may be on another computer.
 *
 * @param pathOf the path of a file that is written, as the document names it; undefined if no files are written
 */
export function withValues(document: ExportedDocument, pathOf: ((name: string) => string) | undefined): WithValues {
  const {values = [], gaps = []} = document
  if (values.length === 0) return {document, files: []}
  if (!pathOf) {
    const names = values.map(({name}) => name).join(', ')
    return {document: {...document, gaps: [...gaps, `the contents of ${names}: --output-dir writes them`]}, files: []}
  }
  const files = values.map(textOf)
  const secret = files.find(({text}) => findSecrets(text).length > 0)
  if (secret)
    return {document: {...document, gaps: [...gaps, `${secret.name}: it contains a key or a token`]}, files: []}
  const raw = {...document.raw, values: files.map(({name}) => pathOf(name))}
  return {document: {...document, raw}, files}
}

/** The hash distinguishes files of the same name in different folders, and stays in the name when it is exported again. */
function textOf({name, content}: ExportedValues): ValuesText {
  const text = `${exportMark}\n${dumpYaml(content)}`
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8)
  const base = (name.split(/[/\\]/).at(-1) ?? '').replace(/(-[0-9a-f]{8})?(\.ya?ml)?$/, '')
  return {name: `${fileNameOf(base)}-${hash}.yaml`, text}
}

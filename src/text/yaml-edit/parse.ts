import {type Document, isScalar, LineCounter, type ParseOptions, parseDocument, type SchemaOptions, visit} from 'yaml'

/** Largest text in characters. A ConfigMap has at most 1 MiB. */
const maxCharacters = 2 * 1024 * 1024

/** The package searches the whole document for each alias. */
const maxAliases = 1000

/**
 * Line breaks for the parser of istiod (go-yaml, `is_break`), in part also for readers of YAML 1.2, but not for the package
 * `yaml`, which would take other lines, and other indentation, than they do.
 */
const otherLineBreak = /\r(?!\n)|[\u0085\u2028\u2029]/

const tooDeep = 'cannot be read: it is nested too deeply'

/** A text that cannot be edited. The message follows the name of the text. */
export class UnreadableText extends Error {}

/**
 * Parses a YAML 1.2 text with merge keys, in time that grows linearly with its length.
 *
 * Threat: whoever can write a mesh config chooses its length, nesting and number of keys. The package `yaml` compares each
 * key of a map with all others, which takes half a minute for 1 MiB, and ends with a stack overflow for deep nesting.
 *
 * @throws UnreadableText for a text that is not valid, too long or nested too deeply, or has line breaks other than LF and CRLF
 */
export function parseYamlDocument(text: string, options: ParseOptions & SchemaOptions = {}): Document {
  if (text.length > maxCharacters)
    throw new UnreadableText(`has ${text.length} characters; the limit is ${maxCharacters}`)
  const lineBreak = otherLineBreak.exec(text)?.[0]
  if (lineBreak !== undefined)
    throw new UnreadableText(`contains the line break ${codePointOf(lineBreak)}, which YAML readers treat differently`)
  const lineCounter = new LineCounter()
  // Warnings would go to stderr past the terminal, with text of the document. Pretty errors quote it, and a text can have
  // one error for every third character.
  const quiet = {prettyErrors: false, logLevel: 'error'} as const
  const settings = {...options, ...quiet, merge: true, uniqueKeys: false, lineCounter}
  const document = withoutOverflow(() => parseDocument(text, settings))
  const [problem] = document.errors
  // The package reports a stack overflow as an error of the text.
  if (problem?.message.startsWith('Maximum call stack')) throw new UnreadableText(tooDeep)
  if (problem) throw invalid(problem.message, problem.pos[0], lineCounter)
  const {at, aliases} = withoutOverflow(() => inspectNodes(document))
  if (aliases > maxAliases) throw new UnreadableText(`has ${aliases} aliases (*); the limit is ${maxAliases}`)
  if (at !== undefined) throw invalid('Map keys must be unique', at, lineCounter)
  return document
}

function invalid(message: string, at: number, lineCounter: LineCounter): UnreadableText {
  const {line, col} = lineCounter.linePos(at)
  return new UnreadableText(`is not valid YAML: ${message} at line ${line}, column ${col}`)
}

function codePointOf(character: string): string {
  return `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
}

function withoutOverflow<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof RangeError) throw new UnreadableText(tooDeep)
    throw error
  }
}

/** The offset of the first key that its map contains already (undefined if there is none), and the number of aliases. */
function inspectNodes(document: Document): {at: number | undefined; aliases: number} {
  let at: number | undefined
  let aliases = 0
  visit(document, {
    Alias() {
      aliases++
    },
    Map(_, map) {
      const keys = new Set<unknown>()
      for (const {key} of map.items) {
        if (!isScalar(key)) continue
        if (keys.has(key.value)) at ??= key.range?.[0] ?? 0
        keys.add(key.value)
      }
    },
  })
  return {at, aliases}
}

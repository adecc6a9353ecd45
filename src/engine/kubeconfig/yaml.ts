import {
  boolYaml11Tag,
  defineScalarTag,
  floatYaml11Tag,
  intYaml11Tag,
  loadAll,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  nullYaml11Tag,
  Schema,
  seqTag,
  strTag,
  YAMLException,
} from 'js-yaml'
import {usageError} from '../../errors.ts'
import {isSmallWhenExpanded} from '../../text/yaml-reading/expansion.ts'
import {describeYamlError, quoteHint} from './yaml-errors.ts'

// Base prefixes as in Go's strconv.ParseInt(text, 0, 64). `1:30` and `0o` are strings, and `08` is the float 8.
const goInteger = /^[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]*|[1-9][0-9]*)$/
const goFloat = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/
const goSpecialFloat = /^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/

const intTag = defineScalarTag(intYaml11Tag.tagName, {
  implicit: true,
  resolve: source => {
    const digits = digitsOf(source)
    return goInteger.test(digits) ? integerOf(digits) : NOT_RESOLVED
  },
  identify: () => false,
})

const floatTag = defineScalarTag(floatYaml11Tag.tagName, {
  implicit: true,
  resolve: source => {
    if (goSpecialFloat.test(source)) return Number.NaN
    const digits = digitsOf(source)
    return goFloat.test(digits) ? Number(digits) : NOT_RESOLVED
  },
  identify: () => false,
})

/** Removes underscores: all of them if the number starts with a sign or a digit, otherwise those between digits. */
function digitsOf(source: string): string {
  return source.replace(/^[-+0-9]/.test(source) ? /_/g : /(?<=[0-9])_(?=[0-9])/g, '')
}

/**
 * Scalar types as in kubectl's parser (sigs.k8s.io/yaml with goyaml.v2, `resolve.go`): `y` is a boolean, dates are
 * strings.
 */
const schema = new Schema([strTag, seqTag, mapTag, nullYaml11Tag, boolYaml11Tag, intTag, floatTag, mergeTag])

/** A kubeconfig with a thousand contexts has about 20,000 values. */
const maxValues = 1_000_000

/**
 * Parses the first document of a YAML or JSON text as kubectl parses a kubeconfig. Of duplicate keys, the last one
 * wins.
 *
 * @param file path for the error message
 * @throws MeshError (exit 2) if the text is not YAML, or too large with its aliases expanded. It names the line but
 *   quotes nothing, since the text may contain keys.
 */
export function parseKubeconfigYaml(text: string, file: string): unknown {
  const [document] = loadDocuments(text, file)
  if (isSmallWhenExpanded(document, maxValues)) return document
  throw usageError(`${file}: the YAML aliases expand to more than ${maxValues} values, or an alias contains itself`)
}

function loadDocuments(text: string, file: string): unknown[] {
  try {
    return loadAll(text, {schema, json: true})
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const line = error.mark === undefined ? '' : `, line ${error.mark.line + 1}`
    const reason = describeYamlError(error.reason)
    throw usageError(`${file}${line}: not valid YAML: ${reason}`, ...(/begins with/.test(reason) ? [quoteHint] : []))
  }
}

function integerOf(digits: string): number {
  const sign = digits.startsWith('-') ? -1 : 1
  const rest = digits.replace(/^[-+]/, '')
  return sign * (/^0[0-7]+$/.test(rest) ? Number.parseInt(rest, 8) : Number(rest))
}

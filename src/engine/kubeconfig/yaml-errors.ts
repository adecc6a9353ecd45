/**
 * Reasons of js-yaml that may quote a part of the file, and what is reported in their place.
 *
 * A value that begins with `*`, `!`, `&` or `%` is not a string in YAML unless it is quoted, so js-yaml would quote a part
 * of a password as the name of an alias or tag.
 */
const rewritten: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/alias/, 'a value begins with *, which marks an alias in YAML'],
  [/\btag\b|!<|"!/i, 'a value begins with !, which marks a tag in YAML'],
  [/anchor/, 'a value begins with &, which marks an anchor in YAML'],
  [/directive/i, 'a line begins with %, which marks a directive in YAML'],
  [/merge/, 'a merge key (<<) does not refer to a mapping, or too many keys are merged'],
  [/maxDepth/, 'the nesting is too deep'],
]

/** Reasons of js-yaml 5 that quote nothing of the file and help to find the mistake. */
const fixedReasons: ReadonlySet<string> = new Set([
  'a line break is expected',
  'bad indentation of a mapping entry',
  'bad indentation of a sequence entry',
  'can not read a block mapping entry; a multiline key may not be an implicit key',
  'deficient indentation',
  'end of the stream or a document separator is expected',
  "expected ':' after a mapping key",
  "expected the node content, but found ','",
  'missed comma between flow collection entries',
  'tab characters must not be used in indentation',
  'the stream contains non-printable characters',
  'unexpected end of the stream within a double quoted scalar',
  'unexpected end of the stream within a flow collection',
  'unexpected end of the stream within a single quoted scalar',
  'unknown escape sequence',
])

/**
 * Returns why a text is not YAML, in words that contain nothing of the text.
 *
 * Threat: a kubeconfig contains passwords and tokens, and error texts end in terminals, CI logs and bug reports.
 *
 * @param reason the `reason` of js-yaml's YAMLException
 */
export function describeYamlError(reason: string): string {
  if (fixedReasons.has(reason)) return reason
  const known = rewritten.find(([pattern]) => pattern.test(reason))
  return known ? known[1] : 'the syntax is invalid'
}

/** What to do about a value that begins with a character that YAML reserves. */
export const quoteHint = 'put passwords and other values that begin with *, !, & or % in single quotes'

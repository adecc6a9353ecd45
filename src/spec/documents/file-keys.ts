import {fileKeyOf, type Schema} from '../field.ts'

/** A command line, in which flags stay. */
const command = /\b(?:kubectl|istioctl|helm) /

/** The keys of a document by the flags and arguments that messages name. */
function keysOf(fields: Schema): Map<string, string> {
  return new Map(
    Object.values(fields).map(field => [
      field.argument ? field.flag.toUpperCase() : `--${field.flag}`,
      fileKeyOf(field),
    ]),
  )
}

function patternOf(keys: ReadonlyMap<string, string>): RegExp {
  const flags = [...keys.keys()].sort((a, b) => b.length - a.length)
  return new RegExp(`(?<![\\w=-])(?:${flags.join('|')})(?![\\w-])`, 'g')
}

/** Returns a text in which keys of a document replace the flags of its command. */
export function withFileKeys(text: string, fields: Schema): string {
  const keys = keysOf(fields)
  return keys.size === 0 ? text : text.replaceAll(patternOf(keys), flag => `spec.${keys.get(flag)}`)
}

/** Returns a line of a message for a document: a command line stays as it is, in others keys replace flags. */
export function lineForFile(text: string, fields: Schema): string {
  return command.test(text) ? text : withFileKeys(text, fields)
}

/** Returns the keys whose flags a message names, in its order. */
export function namedKeys(message: string, fields: Schema): string[] {
  const keys = keysOf(fields)
  return keys.size === 0 ? [] : [...message.matchAll(patternOf(keys))].map(([flag]) => keys.get(flag)!)
}

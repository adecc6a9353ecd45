import {createHash} from 'node:crypto'

/**
 * Characters that have a meaning in a path, or that Windows does not allow in a name (Microsoft, "Naming Files, Paths, and
 * Namespaces"), the percent sign of the escapes, and characters that are not printed as they are.
 */
const special = /[%/\\:*?"<>|\p{C}\p{Zl}\p{Zp}]/gu
/** Names of devices on Windows, with any suffix. */
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i

/** Longest result in bytes. File systems allow 255, and temporary files next to it have longer names. */
const maxBytes = 200
/** Number of characters that a longer name keeps; each has at most four bytes. */
const keptCharacters = 40

/**
 * Converts any text to the name of a file or folder, different texts to different names. Most names of clusters stay as
 * they are; other characters are percent-encoded, as in URLs: `../a` becomes `%2E.%2Fa`.
 *
 * Threat: the name of a context or cluster, which comes from a kubeconfig or an istiod, could otherwise lead out of the
 * folder (`../../etc`), name a device, or be empty.
 */
export function fileNameOf(text: string): string {
  if (text === '') return '%'
  let name = text.replace(special, encode)
  // `.` and `..` are folders, and other names with a dot are hidden.
  if (name.startsWith('.') || device.test(name)) name = encode(name[0]!) + name.slice(1)
  // Windows removes dots and spaces from the end.
  if (/[. ]$/.test(name)) name = name.slice(0, -1) + encode(name.at(-1)!)
  if (Buffer.byteLength(name) <= maxBytes) return name
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16)
  return `${[...name].slice(0, keptCharacters).join('').replaceAll('%', '_')}%-${hash}`
}

function encode(character: string): string {
  const bytes = [...Buffer.from(character)]
  return bytes.map(byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
}

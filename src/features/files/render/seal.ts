import {join} from 'node:path'
import {isDeepStrictEqual} from 'node:util'
import {refusedError} from '../../../errors.ts'
import {type FolderPart, fileNames} from '../../../terminal/output/files.ts'
import type {PlannedObject} from '../../../terminal/output/objects.ts'
import {isSecret} from '../../../terminal/output/redact.ts'
import {dumpYaml, parseYaml} from '../../../text/yaml.ts'
import {decryptWithSops, encryptWithSops, findSops, type Sops} from '../../../tools/sops.ts'
import {type EarlierObject, originComment} from './objects-earlier.ts'
import {clearTextProblem, hasClearText, hasLocalKeys, sealProblem} from './objects-sealed.ts'

/** Each is a process, which waits for a key service. */
const processes = 4

/**
 * Returns folders in which Secrets are encrypted. A file of an earlier render stays as it is while the Secret is the same one: the
 * output of sops differs in each run.
 *
 * @param earlier objects of an earlier render
 * @throws MeshError (exit 2) if sops is missing, (exit 3) if it fails or leaves a value in clear text
 */
export async function sealParts(
  parts: readonly FolderPart[],
  earlier: readonly EarlierObject[],
  folder: string,
  signal: AbortSignal,
): Promise<FolderPart[]> {
  const before = new Map(earlier.map(one => [one.path, one]))
  const todo = parts.flatMap(({path, objects}) => {
    const names = fileNames(objects)
    return objects.flatMap((object, at) =>
      isSecret(object.object) && object.text === undefined ? [{object, path: join(folder, ...path, names[at]!)}] : [],
    )
  })
  if (todo.length === 0) return [...parts]
  const sops = await findSops(folder)
  const texts = new Map<PlannedObject, string>()
  const queue = todo.values()
  // No process outlives the error of another one.
  const stop = new AbortController()
  const signals = AbortSignal.any([signal, stop.signal])
  const work = async () => {
    for (const {object, path} of queue) texts.set(object, await seal(object, path, before.get(path), sops, signals))
  }
  try {
    await Promise.all(Array.from({length: processes}, work))
  } finally {
    stop.abort()
  }
  return parts.map(({path, objects}) => ({
    path,
    objects: objects.map(object => (texts.has(object) ? {...object, text: texts.get(object)!} : object)),
  }))
}

async function seal(
  {object, comment}: PlannedObject,
  path: string,
  before: EarlierObject | undefined,
  sops: Sops,
  signal: AbortSignal,
): Promise<string> {
  if (before?.text !== undefined && sealProblem(object, before.object) === undefined) {
    if (originComment(before.cluster, before) === comment) return before.text
    // Threat: a file in Git names the servers to which sops would send the credentials of the user.
    const known = hasLocalKeys(before.object) ? await decryptWithSops(before.text, path, sops, signal) : undefined
    if (known !== undefined && isDeepStrictEqual(parseYaml(known), object)) return before.text
  }
  const isClear = (message: string) => hasClearText(object, message)
  const text = await encryptWithSops({manifest: dumpYaml(object), isClear}, path, sops, signal)
  const problem = sealProblem(object, parseYaml(text)) ?? clearTextProblem(object, text)
  if (problem === undefined) return text
  throw refusedError(
    `the output of sops for ${path} is not written: ${problem}`,
    'check the creation rules in .sops.yaml; they must encrypt data and stringData and nothing else',
  )
}

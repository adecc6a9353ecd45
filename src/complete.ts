import {readFileSync, writeFileSync} from 'node:fs'
import {completionOf} from './terminal/completion/candidates.ts'
import {unpackKnown} from './terminal/completion/packed.ts'
import {realSources} from './terminal/completion/sources.ts'
import {type Answer, answerOf, directives} from './terminal/completion/values.ts'

/**
 * Answers `kubectl __complete mesh …`: a line for each candidate, `value<TAB>about`, then `:` and the directives.
 * Reads no code of commands, only what the build has packed about them (`completion/packed.ts`); whatever goes wrong is an answer without
 * candidates, since the user is in the middle of a line.
 *
 * @param args the words behind `mesh`; the last one is being typed
 * @param root the package's folder, with `/` at the end
 */
export async function complete(args: string[], {root}: {root: URL}): Promise<void> {
  const {candidates, directive} = await answer(args, root).catch(
    (): Answer => ({candidates: [], directive: directives.error}),
  )
  // A name that would break the lines of the answer cannot be completed.
  const safe = candidates.filter(({value}) => !/\p{Cc}/u.test(value))
  const lines = safe.map(({value, about}) => (about ? `${value}\t${about}` : value))
  // Not process.stdout: setting that up takes as long as all else here.
  writeFileSync(1, [...lines, `:${directive}`, ''].join('\n'))
}

async function answer(args: string[], root: URL): Promise<Answer> {
  const known = unpackKnown(JSON.parse(readFileSync(new URL('dist/completion.json', root), 'utf8')))
  const completion = completionOf(args, known)
  if (completion.kind === 'value') return answerOf(completion.valueName, completion.begun, completion.said, realSources)
  return {candidates: completion.candidates, directive: directives.noFiles}
}

import {readFileSync, writeFileSync} from 'node:fs'
import {completionOf} from './terminal/completion/candidates.ts'
import {unpackKnown} from './terminal/completion/packed.ts'
import {realSources} from './terminal/completion/sources.ts'
import {type Answer, answerOf, directives} from './terminal/completion/values.ts'

/**
 * Answers `kubectl __complete mesh …` on stdout: a line `value<TAB>about` for each candidate, then `:` and the directives.
 * It loads no command code, only `dist/completion.json`, so that completion stays fast. An error is an answer without
 * candidates, because a message would break the line that the user is typing.
 *
 * @param args the words after `mesh`; the last one is at the cursor
 * @param root folder of the package, with `/` at the end
 */
export async function complete(args: string[], {root}: {root: URL}): Promise<void> {
  const {candidates, directive} = await answer(args, root).catch(
    (): Answer => ({candidates: [], directive: directives.error}),
  )
  // A value with a line break or another control character would break the answer.
  const safe = candidates.filter(({value}) => !/\p{Cc}/u.test(value))
  const lines = safe.map(({value, about}) => (about ? `${value}\t${about}` : value))
  // Opening process.stdout would take as long as everything else here.
  writeFileSync(1, [...lines, `:${directive}`, ''].join('\n'))
}

async function answer(args: string[], root: URL): Promise<Answer> {
  const known = unpackKnown(JSON.parse(readFileSync(new URL('dist/completion.json', root), 'utf8')))
  const completion = completionOf(args, known)
  if (completion.kind === 'known') return {candidates: completion.candidates, directive: directives.noFiles}
  return answerOf(completion.valueName, completion.prefix, completion.options, realSources)
}

import {expandHome} from '../../../run/review/save.ts'
import type {Terminal} from '../../../terminal/output/terminal.ts'
import {askChoice, askText} from '../../../terminal/prompts.ts'
import {padTo, widthOf} from '../../../text/width.ts'
import {type FileCandidate, type PathReading, readCandidates, readPath} from './read-candidates.ts'

/** Asks for a mesh file or a folder of mesh files. Proposes those of the working folder. */
export async function askFile(reading: PathReading, terminal: Terminal): Promise<FileCandidate> {
  const candidates = await readCandidates('', reading)
  if (candidates.length === 0) return askPath(reading, terminal)
  const width = Math.max(...candidates.map(({path}) => widthOf(path)))
  const choices = candidates.map(({path, about, problem}) => ({
    name: problem === undefined ? `${padTo(path, width)}   ${about}` : padTo(path, width),
    value: path,
    ...(problem === undefined ? {} : {disabled: problem}),
  }))
  const path = await askChoice(terminal, 'Which mesh file or folder?', [
    ...choices,
    {name: 'another file or folder', value: ''},
  ])
  return candidates.find(candidate => candidate.path === path) ?? askPath(reading, terminal)
}

async function askPath(reading: PathReading, terminal: Terminal): Promise<FileCandidate> {
  const message = 'Path of the mesh file, or of a folder of mesh files:'
  const answer = await askText(terminal, {message, check: path => pathProblem(path, reading)})
  return readPath(expandHome(answer), reading)
}

/** Why an answer cannot be used, in words that follow it. */
async function pathProblem(path: string, reading: PathReading): Promise<string | undefined> {
  if (path === '') return 'is not a path'
  // The terminal is standard input.
  if (path === '-') return 'cannot be used here: enter the path of a file'
  const {problem} = await readPath(expandHome(path), reading)
  return problem === undefined ? undefined : `cannot be used: ${problem}`
}

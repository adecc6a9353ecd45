import type {Candidate, OptionValues} from './candidates.ts'

/** Directives to the shell as kubectl (cobra) defines them. Add them up to combine them. */
export const directives = {error: 1, noSpace: 2, noFiles: 4, onlyFolders: 16} as const

/** Candidates and directives for the shell. Without candidates and with directive 0, the shell offers files. */
export interface Answer {
  candidates: Candidate[]
  directive: number
}

/** Where values are read from. Each function may reject. */
export interface Sources {
  /** Names of the contexts in the kubeconfig. */
  contexts(kubeconfig: string | undefined): Promise<string[]>
  /** Names of the namespaces in a cluster. */
  namespaces(cluster: {kubeconfig?: string; context?: string}): Promise<string[]>
}

/** A value to complete: the typed part, and the options before it. */
interface Request {
  prefix: string
  options: OptionValues
}

type Answerer = (request: Request, sources: Sources) => Promise<Answer>

const files: Answerer = async () => ({candidates: [], directive: 0})
const folders: Answerer = async () => ({candidates: [], directive: directives.onlyFolders})
const namespaces: Answerer = async ({prefix, options}, sources) => matching(await sources.namespaces(options), prefix)
/** The values of `-o` of lists. The last two are followed by a template. */
const listFormats = ['wide', 'json', 'yaml', 'name', 'jsonpath=', 'custom-columns=']
const formats =
  (names: string[]): Answerer =>
  async ({prefix}) => ({...matching(names, prefix), directive: directives.noFiles})
const nothing: Answer = {candidates: [], directive: directives.noFiles}

/** How to complete a value, by its placeholder in help. */
const answerers: Readonly<Record<string, Answerer>> = {
  FORMAT: formats(listFormats),
  'FORMAT|svg': formats([...listFormats, 'svg']),
  FILE: files,
  FILENAME: files,
  DIR: folders,
  FOLDER: folders,
  NS: namespaces,
  NAMESPACE: namespaces,
  CTX: async ({prefix, options}, sources) => matching(await contextsFor(prefix, options, sources), prefix),
  'CTX,CTX': async ({prefix, options}, sources) => listItems(await contextsFor(prefix, options, sources), prefix),
}

/**
 * Completes a value by its placeholder in help: `CTX` is a context, `CTX,CTX` a list of contexts, `CTX=NAME` a pair that
 * begins with a context, `NS` or `NAMESPACE` a namespace, `FILE` a file, `DIR` a folder.
 *
 * @param valueName the placeholder
 * @param prefix the typed part of the value
 * @param options set before the value; `kubeconfig` and `context` select the source
 * @throws what a source throws
 */
export async function answerOf(
  valueName: string,
  prefix: string,
  options: OptionValues,
  sources: Sources,
): Promise<Answer> {
  const answerer = Object.hasOwn(answerers, valueName) ? answerers[valueName] : undefined
  if (answerer) return answerer({prefix, options}, sources)
  if (valueName.startsWith('CTX=') && !prefix.includes('=')) {
    const keys = (await sources.contexts(options.kubeconfig)).map(name => `${name}=`)
    return {...matching(keys, prefix), directive: directives.noFiles + directives.noSpace}
  }
  return nothing
}

/** The contexts of the kubeconfig or, after `NAME=FILE#`, those of the file. */
async function contextsFor(prefix: string, {kubeconfig}: OptionValues, sources: Sources): Promise<string[]> {
  const [, start, file] = /(?:^|,)([^,=]+=([^,#]+)#)[^,]*$/.exec(prefix) ?? []
  if (file === undefined) return sources.contexts(kubeconfig)
  return (await sources.contexts(file)).map(name => `${start}${name}`)
}

function matching(values: string[], prefix: string): Answer {
  const candidates = values.filter(value => value.startsWith(prefix)).map(value => ({value}))
  return {candidates, directive: directives.noFiles}
}

/** The list with one more item. The shell adds no space while further items are available. */
function listItems(values: string[], prefix: string): Answer {
  const comma = prefix.lastIndexOf(',') + 1
  const typed = prefix.slice(0, comma).split(',')
  const left = values.filter(value => !typed.includes(value))
  const lists = left.map(value => prefix.slice(0, comma) + value)
  return {
    ...matching(lists, prefix),
    directive: directives.noFiles + (left.length > 1 ? directives.noSpace : 0),
  }
}

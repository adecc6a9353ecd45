import type {Candidate} from './candidates.ts'

/** What to do with the answers: kubectl's (cobra's) shell completion directives, to be added up. */
export const directives = {error: 1, noSpace: 2, noFiles: 4, onlyFolders: 16} as const

/** Answers and what the shell does with them; no answers and 0 means that the shell offers files. */
export interface Answer {
  candidates: Candidate[]
  directive: number
}

/** Who knows the values. Each may fail; then there are none. */
export interface Sources {
  /** Names of the kubeconfig's contexts. */
  contexts(kubeconfig: string | undefined): Promise<string[]>
  /** Names of the namespaces of a cluster. */
  namespaces(said: {kubeconfig?: string; context?: string}): Promise<string[]>
}

/**
 * Answers for a value, told by what stands for it in help: `CTX` is a context, `CTX,CTX` a list of them, `CTX=NAME` a
 * pair that begins with one; `NS` or `NAMESPACE` a namespace; `FILE` and `DIR` what they say.
 *
 * @param begun what was typed of the value
 * @param said single options before it: `--kubeconfig` and `--context` tell where to look
 */
export async function answerOf(
  valueName: string,
  begun: string,
  said: Record<string, string>,
  sources: Sources,
): Promise<Answer> {
  if (valueName === 'FILE' || valueName === 'FILENAME') return {candidates: [], directive: 0}
  if (valueName === 'DIR' || valueName === 'FOLDER') return {candidates: [], directive: directives.onlyFolders}
  if (valueName === 'NS' || valueName === 'NAMESPACE') return plain(await sources.namespaces(said), begun)
  if (valueName === 'CTX') return plain(await sources.contexts(said.kubeconfig), begun)
  if (valueName === 'CTX,CTX') return listed(await sources.contexts(said.kubeconfig), begun)
  if (valueName.startsWith('CTX=') && !begun.includes('=')) {
    const contexts = await sources.contexts(said.kubeconfig)
    return {
      ...plain(
        contexts.map(name => `${name}=`),
        begun,
      ),
      directive: directives.noFiles + directives.noSpace,
    }
  }
  return {candidates: [], directive: directives.noFiles}
}

function plain(values: string[], begun: string): Answer {
  const candidates = values.filter(value => value.startsWith(begun)).map(value => ({value}))
  return {candidates, directive: directives.noFiles}
}

/** The rest of a list; no space behind it while there is more to add. */
function listed(values: string[], begun: string): Answer {
  const comma = begun.lastIndexOf(',') + 1
  const given = begun.slice(0, comma).split(',')
  const left = values.filter(value => !given.includes(value))
  const {candidates} = plain(
    left.map(value => begun.slice(0, comma) + value),
    begun,
  )
  return {candidates, directive: directives.noFiles + (left.length > 1 ? directives.noSpace : 0)}
}

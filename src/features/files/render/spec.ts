import {exitCodes, MeshError, type Problem, usageError} from '../../../errors.ts'
import {dnsLabel} from '../../../spec/texts.ts'
import {readSecretChoice, type SecretChoice, type SecretFlags, secretProblems} from './spec-secrets.ts'

/** The tools that apply manifests from Git. */
export const engines = ['kustomize', 'flux', 'argocd'] as const

export type Engine = (typeof engines)[number]

/** What to write, and for which tool. */
export interface RenderChoice {
  engine: Engine
  folder: string
  /** Name of the cluster in which the engine runs. Undefined if that is none of the mesh. */
  engineCluster: string | undefined
  /** Namespace of the objects of the engine. */
  engineNamespace: string
  /** Name of Flux's GitRepository. */
  gitRepository: string
  /** URL of the repository, for Argo CD. */
  repoUrl: string
  /** Path of the folder in the repository; undefined to find the repository above the folder. */
  gitPath: string | undefined
  /** Remove what an earlier render wrote and no document needs. */
  prune: boolean
  secrets: SecretChoice
}

/** The flags of `mesh render` as oclif parses them. */
export interface RenderFlags extends SecretFlags {
  for?: Engine | undefined
  'output-dir'?: string | undefined
  'engine-cluster'?: string | undefined
  'engine-namespace'?: string | undefined
  'git-repository'?: string | undefined
  'repo-url'?: string | undefined
  'git-path'?: string | undefined
  prune?: boolean | undefined
}

/** Flags with the engines that they have an effect on. */
const effects: readonly (readonly [keyof RenderFlags & string, readonly Engine[]])[] = [
  ['engine-cluster', ['flux', 'argocd']],
  ['engine-namespace', ['flux', 'argocd']],
  ['git-repository', ['flux']],
  ['repo-url', ['argocd']],
  ['git-path', ['flux', 'argocd']],
]

/** Namespaces in which the engines are installed by default (their installation guides, Flux 2 and Argo CD 3). */
const namespaces: Readonly<Record<Engine, string>> = {kustomize: '', flux: 'flux-system', argocd: 'argocd'}

/**
 * Returns what to render.
 *
 * @throws MeshError (exit 2) that lists everything that is missing, has no effect or cannot be used
 */
export function readRenderChoice(flags: RenderFlags): RenderChoice {
  const {for: engine, 'output-dir': folder} = flags
  if (engine === undefined) throw usageError('--for is required', `--for ${engines.join('|')}`)
  if (!folder)
    throw usageError(
      folder === '' ? '--output-dir is empty' : `--for ${engine} requires --output-dir`,
      'specify a folder in your Git repository with --output-dir',
    )
  const problems = [
    ...effects.flatMap(([flag, of]) =>
      flags[flag] !== undefined && !of.includes(engine)
        ? [{message: `--${flag} has no effect with --for ${engine}`}]
        : [],
    ),
    ...nameProblems(flags),
    ...pathProblems(flags['git-path']),
    ...(engine === 'argocd' ? urlProblems(flags['repo-url']) : []),
    ...secretProblems(flags, engine),
  ]
  if (problems.length > 0) throw new MeshError(problems, exitCodes.usage)
  return {
    engine,
    folder,
    engineCluster: flags['engine-cluster'],
    engineNamespace: flags['engine-namespace'] ?? namespaces[engine],
    gitRepository: flags['git-repository'] ?? 'flux-system',
    repoUrl: flags['repo-url'] ?? '',
    gitPath: flags['git-path'],
    prune: flags.prune ?? false,
    secrets: readSecretChoice(flags),
  }
}

function nameProblems(flags: RenderFlags): Problem[] {
  return (['engine-namespace', 'git-repository'] as const).flatMap(flag => {
    const name = flags[flag]
    if (name === undefined || dnsLabel(name) === undefined) return []
    return [{message: `--${flag} ${name} is not a name of a Kubernetes object`}]
  })
}

/** The engines reject paths that lead out of the repository, but only when they run. */
function pathProblems(path: string | undefined): Problem[] {
  if (path === undefined || (!path.startsWith('/') && !path.split(/[/\\]/).includes('..'))) return []
  return [{message: `--git-path ${path} is not a path below the root of a repository`}]
}

function urlProblems(url: string | undefined): Problem[] {
  if (!url) return [{message: '--for argocd requires --repo-url', hints: ['the URL from which Argo CD clones']}]
  if (/[\s\p{C}]/u.test(url)) return [{message: '--repo-url contains a space or a control character'}]
  if (url.includes('{{')) return [{message: `--repo-url ${url} contains {{, which begins a template of Argo CD`}]
  if (!hasCredentials(url)) return []
  const hints = ['Argo CD reads credentials from a repository Secret; remove them from the URL']
  return [{message: '--repo-url contains credentials, which would be written to Git', hints}]
}

/**
 * Returns whether the URL of a repository may contain a password or a token: in the user part, where the user of ssh is a name, or in the
 * query, which no Git server needs. git also accepts `USER@HOST:PATH`.
 */
function hasCredentials(url: string): boolean {
  const [, scheme = '', user = ''] = /^(?:([a-z][a-z0-9+.-]*):\/\/|\/\/)?([^/@]*)@/i.exec(url) ?? []
  return user.includes(':') || (user !== '' && /^https?$/i.test(scheme)) || url.includes('?')
}

import {describe, expect, test} from 'vitest'
import {readRenderChoice} from '../../../../src/features/files/render/spec.ts'

const flux = {for: 'flux', 'output-dir': 'fleet'} as const
const argocd = {for: 'argocd', 'output-dir': 'fleet', 'repo-url': 'https://git.example.com/fleet.git'} as const
const problemsOf = (flags: Parameters<typeof readRenderChoice>[0]) => {
  try {
    return readRenderChoice(flags)
  } catch (error) {
    return [
      (error as {exit: number}).exit,
      ...(error as {problems: {message: string}[]}).problems.map(one => one.message),
    ]
  }
}

test('each engine has its namespace, and Flux the GitRepository of flux bootstrap', () => {
  expect(readRenderChoice(flux)).toEqual({
    engine: 'flux',
    folder: 'fleet',
    engineCluster: undefined,
    engineNamespace: 'flux-system',
    gitRepository: 'flux-system',
    repoUrl: '',
    gitPath: undefined,
    prune: false,
    secrets: {mode: 'none'},
  })
  expect(readRenderChoice({...argocd, 'engine-namespace': 'gitops'})).toMatchObject({engineNamespace: 'gitops'})
  expect(readRenderChoice(argocd)).toMatchObject({engineNamespace: 'argocd', repoUrl: argocd['repo-url']})
})

test('what is missing', () => {
  expect(problemsOf({})).toEqual([2, '--for is required'])
  expect(problemsOf({for: 'flux'})).toEqual([2, '--for flux requires --output-dir'])
  expect(problemsOf({for: 'flux', 'output-dir': ''})).toEqual([2, '--output-dir is empty'])
  expect(problemsOf({for: 'argocd', 'output-dir': 'fleet'})).toEqual([2, '--for argocd requires --repo-url'])
})

test('all flags without an effect, and all values that cannot be used, are listed together', () => {
  expect(
    problemsOf({for: 'kustomize', 'output-dir': 'x', 'engine-cluster': 'hub', 'repo-url': 'u', 'git-path': '../x'}),
  ).toEqual([
    2,
    '--engine-cluster has no effect with --for kustomize',
    '--repo-url has no effect with --for kustomize',
    '--git-path has no effect with --for kustomize',
    '--git-path ../x is not a path below the root of a repository',
  ])
  expect(problemsOf({...flux, 'engine-namespace': 'a/b', 'git-repository': 'A', 'git-path': '/fleet'})).toEqual([
    2,
    '--engine-namespace a/b is not a name of a Kubernetes object',
    '--git-repository A is not a name of a Kubernetes object',
    '--git-path /fleet is not a path below the root of a repository',
  ])
})

describe('the URL of a repository', () => {
  test.each(['git@git.example.com:fleet.git', 'ssh://git@git.example.com/fleet.git', 'https://git.example.com/fleet'])(
    '%s',
    url => expect(readRenderChoice({...argocd, 'repo-url': url}).repoUrl).toBe(url),
  )

  test.each([
    'https://user:t0ken@git.example.com/fleet.git',
    'https://t0ken@git.example.com/fleet.git',
    'ssh://git:t0ken@git.example.com/fleet.git',
    'HTTPS://t0ken@git.example.com/fleet.git',
    'oauth2:t0ken@git.example.com/fleet.git',
    '//user:t0ken@git.example.com/fleet.git',
    'https://git.example.com/fleet.git?private_token=t0ken',
  ])('%s contains credentials, which the message does not repeat', url => {
    const problems = problemsOf({...argocd, 'repo-url': url})
    expect(problems).toEqual([2, '--repo-url contains credentials, which would be written to Git'])
  })

  test('a template of Argo CD would be filled in', () =>
    expect(problemsOf({...argocd, 'repo-url': 'https://git.example.com/{{.server}}'})).toEqual([
      2,
      '--repo-url https://git.example.com/{{.server}} contains {{, which begins a template of Argo CD',
    ]))

  test('a line break would begin another line of the file', () =>
    expect(problemsOf({...argocd, 'repo-url': 'https://a\nb: c'})).toEqual([
      2,
      '--repo-url contains a space or a control character',
    ]))
})

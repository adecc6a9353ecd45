import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import {joinedContexts, joinedServers, meshOf} from '../../../src/mesh/contexts/links.ts'
import {remoteKubeconfig} from '../../../src/mesh/objects-remote-secret.ts'
import {writeKubeconfig} from '../../support/fake/screens.ts'
import {member, remoteSecret} from '../samples.ts'

const credential = (target: string, server: string) =>
  remoteKubeconfig({target, server, certificateAuthority: undefined, tlsServerName: undefined, token: 't'})

/** The facts of east, which holds credentials for west and south. */
const {facts} = member('east', {
  remoteSecrets: [
    remoteSecret('w', {west: credential('west', 'https://w:6443')}),
    remoteSecret('s', {south: credential('south', 'https://s:6443')}),
  ],
})

test('the clusters that a cluster is joined with, with their API servers', () => {
  expect([...joinedServers(facts)]).toEqual([
    ['west', 'https://w:6443'],
    ['south', 'https://s:6443'],
  ])
  expect([...joinedServers(undefined)]).toEqual([])
})

describe('the contexts of these clusters', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-mesh-links-'))
  const file = join(folder, 'config')
  beforeAll(() =>
    writeKubeconfig(file, [
      ['east', 'https://e:6443'],
      ['gke_acme_euw1_south', 'https://other:6443'],
      ['production', 'https://w:6443'],
    ]),
  )
  afterAll(() => rmSync(folder, {recursive: true}))

  test('have their API server, or a name that contains theirs', () => {
    const kubeconfig = loadKubeconfig({kubeconfig: file, env: {}})
    expect(joinedContexts(facts, 'east', kubeconfig)).toEqual({
      contexts: ['production', 'gke_acme_euw1_south'],
      missing: [],
    })
    const {contexts, missing} = joinedContexts(facts, 'east', {...kubeconfig, contexts: new Map()})
    expect([contexts, missing]).toEqual([[], ['west', 'south']])
  })
})

describe('the mesh of a cluster', () => {
  const of = (name: string, ...links: string[]) => ({name, links})
  const namesOf = (start: string, ...all: {name: string; links: string[]}[]) =>
    meshOf(
      all.find(({name}) => name === start),
      all,
    ).map(({name}) => name)

  test('contains what it is joined with, directly or indirectly', () => {
    const all = [of('a', 'b'), of('b', 'a'), of('c', 'b'), of('d'), of('x', 'y'), of('y')]
    expect(namesOf('a', ...all)).toEqual(['a', 'b', 'c'])
    expect(namesOf('y', ...all)).toEqual(['x', 'y'])
  })

  test('is empty if it is joined with no other', () => {
    expect(namesOf('d', of('a', 'b'), of('b'), of('d'))).toEqual([])
    expect(namesOf('gone', of('a', 'b'), of('b'))).toEqual([])
  })
})

import {chmodSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {findPlugin} from '../../../src/engine/kubeconfig/find-plugin.ts'
import {folderWith} from './folders.ts'

const folder = folderWith({'bin/plug': '#!/bin/sh\n', 'here/plug': '#!/bin/sh\n', 'here/rel/plug': '', 'text/plug': ''})
for (const file of ['bin/plug', 'here/plug', 'here/rel/plug']) chmodSync(join(folder, file), 0o755)
const bin = join(folder, 'bin')

describe('findPlugin in a working directory that contains the program', () => {
  const before = process.cwd()
  beforeEach(() => process.chdir(join(folder, 'here')))
  afterEach(() => process.chdir(before))

  it.each([
    ['an absolute folder', bin, {path: join(bin, 'plug')}],
    ['an absolute folder before a relative one', `${bin}:.`, {path: join(bin, 'plug')}],
    ['an empty element', `:${bin}`, {problem: 'relative'}],
    ['an empty PATH', '', {problem: 'relative'}],
    ['a dot', `.:${bin}`, {problem: 'relative'}],
    ['a relative folder', `rel:${bin}`, {problem: 'relative'}],
    ['a folder with a file that is not executable', `${join(folder, 'text')}:${bin}`, {path: join(bin, 'plug')}],
    ['folders without the program', '/nowhere', {problem: 'missing'}],
  ])('%s', (_, path, expected) => expect(findPlugin('plug', path)).toEqual(expected))

  it('does not search for a path', () => {
    expect(findPlugin('/some/plug', ':.')).toEqual({path: '/some/plug'})
  })
})

import {mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {completionName, linkCompletion} from '../../../src/terminal/completion/link.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mesh-link-'))
})
afterEach(() => rmSync(folder, {recursive: true}))

test('links once', () => {
  const inside = join(folder, 'new', 'bin')
  const link = join(inside, completionName)
  expect(linkCompletion('/opt/complete.js', inside)).toEqual({link, isNew: true})
  expect(readlinkSync(link)).toBe('/opt/complete.js')
  expect(linkCompletion('/opt/complete.js', inside)).toEqual({link, isNew: false})
})

test('leaves what is not ours', () => {
  const link = join(folder, completionName)
  writeFileSync(link, '')
  expect(() => linkCompletion('/opt/complete.js', folder)).toThrow(
    expect.objectContaining({exit: 3, message: expect.stringContaining('is not ours')}),
  )
  rmSync(link)
  symlinkSync('/opt/other.js', link)
  expect(() => linkCompletion('/opt/complete.js', folder)).toThrow('is not ours')
  expect(readlinkSync(link)).toBe('/opt/other.js')
})

test('tells a folder that is a file', () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  expect(() => linkCompletion('/opt/complete.js', file)).toThrow(
    expect.objectContaining({exit: 3, message: expect.stringContaining('cannot link')}),
  )
})

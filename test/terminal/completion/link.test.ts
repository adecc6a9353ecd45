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

test('creates the link once', async () => {
  const inside = join(folder, 'new', 'bin')
  const link = join(inside, completionName)
  expect(await linkCompletion('/opt/complete.js', inside)).toEqual({link, isNew: true})
  expect(readlinkSync(link)).toBe('/opt/complete.js')
  expect(await linkCompletion('/opt/complete.js', inside)).toEqual({link, isNew: false})
})

test('replaces no other file or link', async () => {
  const link = join(folder, completionName)
  writeFileSync(link, '')
  await expect(linkCompletion('/opt/complete.js', folder)).rejects.toThrow(
    expect.objectContaining({exit: 3, message: expect.stringContaining('is not a link to')}),
  )
  rmSync(link)
  symlinkSync('/opt/other.js', link)
  await expect(linkCompletion('/opt/complete.js', folder)).rejects.toThrow('is not a link to /opt/complete.js')
  expect(readlinkSync(link)).toBe('/opt/other.js')
})

test('reports a folder that is a file', async () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  await expect(linkCompletion('/opt/complete.js', file)).rejects.toThrow(
    expect.objectContaining({exit: 3, message: expect.stringContaining('cannot link')}),
  )
})

test('reports a file system that rejects folders', async () => {
  await expect(linkCompletion('/opt/complete.js', '/proc/none/bin')).rejects.toThrow(
    expect.objectContaining({exit: 3, message: `cannot link /proc/none/bin/${completionName}: no such file`}),
  )
})

import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {addFlagTexts, type CommandFlag} from '../../scripts/command-data.ts'

test('flag texts come from the class of the command', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-command-data-'))
  try {
    writeFileSync(
      join(folder, 'add.mjs'),
      "export default class { static baseFlags = {v: {about: 'log level'}}; static flags = {wait: {about: 'wait', fallbackText: 'true'}} }",
    )
    const flag = (summary: string): CommandFlag => ({type: 'option', summary})
    const flags = {v: flag('log level'), wait: flag('wait (default true)'), other: flag('of oclif')}
    const [add, help] = await addFlagTexts(
      [
        {id: 'add', relativePath: ['add.mjs'], flags, args: {}},
        {id: 'help', flags: {other: flag('of oclif')}, args: {}},
      ],
      folder,
    )
    expect(add!.flags).toEqual({
      v: {type: 'option', summary: 'log level'},
      wait: {type: 'option', summary: 'wait', defaultText: 'true'},
      other: {type: 'option', summary: 'of oclif'},
    })
    expect(help!.flags.other).toEqual({type: 'option', summary: 'of oclif'})
  } finally {
    rmSync(folder, {recursive: true})
  }
})

import {readFileSync} from 'node:fs'
import {describe, expect, test} from 'vitest'
import {bin, root, run} from './cli.ts'

interface ManifestFlag {
  helpGroup?: string
}

const {commands} = JSON.parse(readFileSync(`${root}oclif.manifest.json`, 'utf8')) as {
  commands: Record<string, {hidden?: boolean; flags: Record<string, ManifestFlag>}>
}

describe('help', () => {
  test('of federate: one line of usage, examples, flags by purpose, and the shared ones last in a few lines', async () => {
    const {stdout} = await run(bin, ['federate', '--help'])
    expect(stdout).toMatch(/^USAGE\n {2}\$ kubectl mesh federate \[flags\]\n\nEXAMPLES\n {2}\$ kubectl mesh federate /m)
    const headings = [...stdout.matchAll(/^([A-Z ]+)$/gm)].map(([heading]) => heading)
    expect(headings).toEqual([
      ...['USAGE', 'EXAMPLES', 'DESCRIPTION'],
      ...['CLUSTERS FLAGS', 'MESH FLAGS', 'NETWORK FLAGS', 'CERTIFICATES AND CREDENTIALS FLAGS', 'DNS FLAGS'],
      ...['CONTROL PLANE FLAGS', 'SETTINGS FLAGS', 'EXIT CODES', 'SHARED FLAGS', 'COMMANDS'],
    ])
    const shared = stdout.slice(stdout.indexOf('SHARED FLAGS'), stdout.indexOf('\nCOMMANDS'))
    expect(shared).toMatch(/--dry-run=none\|client\|server.*\n/)
    expect(shared.trim().split('\n').length).toBeLessThanOrEqual(8)
  })

  test('of the program begins with the tasks of a new user', async () => {
    const {stdout} = await run(bin, ['--help'])
    expect(stdout).toMatch(
      /GETTING STARTED\n {2}kubectl mesh +\S.*\n(.*\n)* {2}kubectl mesh federate .*\n(.*\n)*TOPICS\n/,
    )
  })

  test('help flags describes every shared flag', async () => {
    const {stdout} = await run(bin, ['help', 'flags'])
    const shared = Object.values(commands).flatMap(({flags}) =>
      Object.entries(flags).flatMap(([name, {helpGroup}]) => (/KUBECTL|OUTPUT/.test(helpGroup ?? '') ? [name] : [])),
    )
    for (const name of new Set(shared)) expect(stdout).toMatch(new RegExp(`--(\\[no-\\])?${name}\\b`))
  })

  test('a command with more than ten flags beside the shared ones groups them', () => {
    for (const [id, {flags}] of Object.entries(commands)) {
      const ungrouped = Object.values(flags).filter(({helpGroup}) => helpGroup === undefined)
      expect(ungrouped.length, id).toBeLessThanOrEqual(10)
    }
  })
})

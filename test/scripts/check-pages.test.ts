import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {checkPages, commandsFor, readChecks} from '../../scripts/check-pages.ts'

const root = join(import.meta.dirname, '../..')

test('every check of a feature has a page, and every page has a check', async () => {
  const pages = checkPages(await readChecks(root))
  const paths = Object.keys(pages)
  for (const id of ['gateway-address', 'lost-cluster', 'version-defects', 'expiry-root', 'api-server', 'drift'])
    expect(paths).toContain(`docs/checks/${id}.md`)
  for (const path of paths) expect(existsSync(join(root, path)), path).toBe(true)
  expect(
    readdirSync(join(root, 'docs/checks'))
      .map(name => `docs/checks/${name}`)
      .sort(),
  ).toEqual(paths.sort())
})

test('a page lists what a check means in each feature, and the commands that run it', () => {
  const pages = checkPages([
    {id: 'gateway', about: 'the gateway has pods', source: 'federate/verify/checks.ts'},
    {id: 'gateway', about: 'the Gateway selects pods', source: 'check/checks.ts'},
  ])
  expect(Object.keys(pages)).toEqual(['docs/checks/README.md', 'docs/checks/gateway.md'])
  expect(pages['docs/checks/gateway.md']).toContain('- The gateway has pods.\n- The Gateway selects pods.')
  expect(pages['docs/checks/gateway.md']).toContain(
    'kubectl mesh federate verify\nkubectl mesh ingress tls\nkubectl mesh check',
  )
})

test('every page names commands that exist, for every module with checks', async () => {
  const {commands}: {commands: object} = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8'))
  const named = (await readChecks(root)).flatMap(check => commandsFor(check).map(words => words.replaceAll(' ', ':')))
  expect([...new Set(named)].filter(id => !(id in commands))).toEqual([])
  expect(() => commandsFor({id: 'new', source: 'new/checks.ts'})).toThrow('new/checks.ts: no command is known')
})

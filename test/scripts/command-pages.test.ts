import {expect, test} from 'vitest'
import {commandPages, type ManifestCommand} from '../../scripts/command-pages.ts'

const add: ManifestCommand = {
  id: 'tenant:add',
  summary: 'add a tenant',
  description: 'First line\nand second.\n\n  kept as\n  it is',
  examples: ['<%= config.bin %> <%= command.id %> blue', {command: '$ <%= config.bin %> tenant list'}],
  args: {
    name: {description: 'its name', required: true},
    more: {description: 'others', multiple: true, options: ['a', 'b']},
  },
  flags: {
    v: {type: 'option', char: 'v', summary: 'how much', default: 0, helpValue: 'N', helpGroup: 'KUBECTL'},
    kubeconfig: {type: 'option', summary: '[default: $KUBECONFIG] file', helpValue: 'FILE', helpGroup: 'KUBECTL'},
    via: {type: 'option', summary: 'with what', options: ['helm', 'none'], required: true},
    set: {type: 'option', summary: 'a value', helpValue: 'A|B', multiple: true},
    wait: {type: 'boolean', summary: '[default: true] wait', allowNo: true},
    yes: {type: 'boolean', summary: 'sure', default: false},
    secret: {type: 'boolean', hidden: true},
  },
}
const list: ManifestCommand = {id: 'tenant:list', summary: 'list tenants', flags: {}, args: {}}
const version: ManifestCommand = {id: 'version', description: 'show the version\nof it', flags: {}, args: {}}
const odd: ManifestCommand = {id: 'odd', hidden: true, flags: {}, args: {}}

const pages = commandPages(
  {commands: {odd, 'tenant:add': add, 'tenant:list': list, version}},
  {tenant: {description: 'several of them'}},
)

test('a page for each command that is shown, and an index', () => {
  expect(Object.keys(pages)).toEqual([
    'docs/commands/README.md',
    'docs/commands/tenant-add.md',
    'docs/commands/tenant-list.md',
    'docs/commands/version.md',
  ])
})

test('the index', () => {
  expect(pages['docs/commands/README.md']).toContain(`## tenant

Several of them.

| command |  |
|---|---|
| [\`kubectl mesh tenant add\`](tenant-add.md) | add a tenant |
| [\`kubectl mesh tenant list\`](tenant-list.md) | list tenants |

## others

| command |  |
|---|---|
| [\`kubectl mesh version\`](version.md) | show the version |
`)
})

test('a page', () => {
  const page = pages['docs/commands/tenant-add.md']!
  expect(page.slice(0, page.indexOf('## Exit codes'))).toBe(`# kubectl mesh tenant add

<!-- Made by \`npm run docs\` from the sources: change it there. -->

Add a tenant.

\`\`\`sh
kubectl mesh tenant add NAME [MORE…] [flags]
\`\`\`

First line and second.

  kept as
  it is

## Examples

\`\`\`sh
kubectl mesh tenant add blue
kubectl mesh tenant list
\`\`\`

## Arguments

| argument |  |
|---|---|
| \`NAME\` | its name |
| \`MORE…\` | others; one of a, b |

## Flags

| flag |  | default |
|---|---|---|
| \`--via=helm\\|none\` | with what; required |  |
| \`--set=A\\|B\` | a value; may be repeated |  |
| \`--[no-]wait\` | wait | true |
| \`--yes\` | sure |  |

## Kubectl flags

| flag |  | default |
|---|---|---|
| \`-v, --v=N\` | how much | 0 |
| \`--kubeconfig=FILE\` | file | $KUBECONFIG |

`)
  expect(page).toContain('| 130 | interrupted |')
  expect(page).toContain('## See also\n\n- [`kubectl mesh tenant list`](tenant-list.md): list tenants\n')
})

test('exit codes only where clusters are asked', () => {
  expect(pages['docs/commands/tenant-list.md']).not.toContain('Exit codes')
})

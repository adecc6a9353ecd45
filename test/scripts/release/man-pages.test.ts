import {expect, test} from 'vitest'
import type {ManifestCommand} from '../../../scripts/command-data.ts'
import {manPages} from '../../../scripts/release/man-pages.ts'

const command = (id: string, more: Partial<ManifestCommand> = {}): ManifestCommand => ({
  id,
  summary: 'add a tenant',
  args: {},
  flags: {},
  ...more,
})
const release = {version: '1.2.3', time: Date.parse('2026-11-29T12:00:00Z') / 1000}

test('a page for each command that is not hidden, and one that lists them', () => {
  const pages = manPages([command('tenant:add'), command('secret', {hidden: true})], release)
  expect(Object.keys(pages)).toEqual(['kubectl-mesh.1', 'kubectl-mesh-tenant-add.1'])
  expect(pages['kubectl-mesh.1']).toContain('.BR kubectl\\-mesh\\-tenant\\-add (1)\nadd a tenant\n')
  expect(pages['kubectl-mesh.1']).not.toContain('secret')
})

test('arguments, flags with their values and defaults, and examples', () => {
  const flags = {
    via: {
      ...{name: 'via', type: 'option' as const, char: 'c', helpValue: 'TOOL', summary: 'the tool'},
      ...{options: ['helm', 'none'], defaultText: 'helm'},
    },
    hidden: {name: 'hidden', type: 'boolean' as const, hidden: true},
  }
  const examples = ['<%= config.bin %> <%= command.id %> shop']
  const [, page] = Object.values(manPages([command('tenant:add', {args: {name: {}}, flags, examples})], release))
  expect(page).toBe(`.TH KUBECTL\\-MESH\\-TENANT\\-ADD 1 2026-11-29 "kubectl-mesh 1.2.3"
.SH NAME
kubectl\\-mesh\\-tenant\\-add \\- add a tenant
.SH SYNOPSIS
.B kubectl mesh tenant add
NAME [FLAGS]
.SH OPTIONS
.TP
.B \\-c, \\-\\-via=TOOL
the tool (one of helm, none) (default: helm)
.SH EXAMPLES
.nf
kubectl mesh tenant add shop
.fi
.SH SEE ALSO
.BR kubectl\\-mesh (1)
`)
})

test('text that roff would read as a request is escaped', () => {
  const page = manPages([command('x', {description: ".a\n'b\n\\c"})], release)['kubectl-mesh-x.1']
  expect(page).toContain("\\&.a\n\\&'b\n\\ec\n")
})

test('pages contain only ASCII, which every roff reads', () => {
  expect(manPages([command('x', {description: 'TEMPLATE,… ✘'})], release)['kubectl-mesh-x.1']).toContain(
    'TEMPLATE,\\[u2026] \\[u2718]\n',
  )
})

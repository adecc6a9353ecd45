import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, describe, expect, test} from 'vitest'
import {runMesh} from '../support/ground/program.ts'
import {root} from './cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'kubectl-mesh-input-'))
const kubeconfig = join(folder, 'kubeconfig')
writeFileSync(
  kubeconfig,
  JSON.stringify({
    ...{apiVersion: 'v1', kind: 'Config', 'current-context': 'east', users: [{name: 'u', user: {}}]},
    clusters: [{name: 'c', cluster: {server: 'http://127.0.0.1:1'}}],
    contexts: ['east', 'west'].map(name => ({name, context: {cluster: 'c', user: 'u'}})),
  }),
)
afterAll(() => rmSync(folder, {recursive: true}))

interface Command {
  flags: Record<string, {helpValue?: string} | undefined>
}
const {commands} = JSON.parse(readFileSync(`${root}oclif.manifest.json`, 'utf8')) as {commands: Record<string, Command>}
const idsWith = (flag: string) =>
  Object.keys(commands)
    .filter(id => commands[id]!.flags[flag] !== undefined)
    .map(id => id.replaceAll(':', ' '))

const mesh = (line: string) => runMesh(line.split(' '), {cwd: folder, env: {KUBECONFIG: kubeconfig}})
const yesOf = (id: string) => (commands[id.replaceAll(' ', ':')]!.flags.yes ? ' --yes' : '')

/** What commands need beside the context, so that they use it. */
const needed: Readonly<Record<string, string>> = {
  'addon remove': 'kiali',
  'authz attach': 'opa --service opa.a.svc:9000 --type grpc --to workload/a',
  'authz detach': 'opa',
  'authz verify': 'opa',
  'ingress remove': 'a -n a',
  'ingress tls': 'a.example.com --secret a',
  'locality label': 'a --region r',
  'locality balance': 'a',
  'locality unlabel': 'a',
  'service export': 'a',
  'service unexport': 'a',
  'tenant assign': 'a a',
  'tenant remove': 'a',
  'vm renew': 'a',
}

/** They read their files first. */
const readFirst = ['addon install', 'apply', 'ca renew', 'ca rotate', 'diff', 'fn', 'plan', 'render']

describe('a context that does not exist: exit code 2, and one hint', () => {
  test.each(idsWith('context').filter(id => !readFirst.includes(id)))('%s', async id => {
    const {code, stderr} = await mesh(`${id} ${needed[id] ?? ''} --context nowhere${yesOf(id)}`.replace('  ', ' '))
    expect({code, stderr}).toEqual({
      code: 2,
      stderr: `error: context "nowhere" does not exist in ${kubeconfig}\nhint:  available contexts: east, west\n`,
    })
  })

  test.each(idsWith('contexts').filter(id => !readFirst.includes(id)))('%s', async id => {
    const {code, stderr} = await mesh(
      `${id} ${needed[id] ?? ''} --contexts gone,nowhere${yesOf(id)}`.replace('  ', ' '),
    )
    expect(code, stderr).toBe(2)
    expect(stderr).toMatch(/^error: context "(gone|nowhere)" does not exist in /)
    expect(stderr.match(/^hint: {2}available contexts: east, west$/gm)).toHaveLength(1)
  })
})

describe('a file that does not exist: exit code 2, the path, and a hint', () => {
  const problem = {
    code: 2,
    stdout: '',
    stderr: 'error: cannot read none.yaml: no such file\nhint:  check the path: ls -la .\n',
  }
  test.each(idsWith('filename'))('%s -f', async id => {
    const more = id === 'render' ? ' --for kustomize --output-dir out' : ''
    expect(await mesh(`${id} -f none.yaml${more}`)).toEqual(problem)
  })

  test.each([
    'install --dry-run=client --values none.yaml',
    'federate --contexts east,west --dry-run=client --control-plane helm --chart istio/istiod --values none.yaml',
    'tenant add a --namespaces b --dry-run=client --values none.yaml',
    'locality label --from none.yaml --dry-run=client',
    'ingress tls a.example.com --cert none.yaml --key none.yaml --dry-run=client',
    'ca issue --cluster east --root-cert none.yaml --root-key none.yaml',
    'ca import --cluster east=none.yaml',
    'ca import --from none.yaml',
    'apply none.yaml --yes',
  ])('%s', async line => {
    const {code, stderr} = await mesh(line)
    expect({code, stderr: stderr.replace(/^(error: .*\n)\1/, '$1')}).toEqual({code: 2, stderr: problem.stderr})
  })

  test('no command prints the words of the operating system', async () => {
    for (const line of [
      'addon install kiali --from none/x.yaml',
      'version --kubeconfig none',
      'tenant list --kubeconfig none',
    ]) {
      const {code, stderr} = await mesh(line)
      expect(code, line).toBe(2)
      expect(stderr, line).not.toContain('ENOENT')
    }
  })
})

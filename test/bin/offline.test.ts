import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {bin, root, run} from './cli.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mesh-offline-'))
})
afterAll(() => rmSync(folder, {recursive: true}))

/** Every command that has `--dry-run`, with arguments of a complete input. */
const printing: Record<string, string> = {
  'addon install': `prometheus --from ${root}test/fixtures/addons`,
  'authz attach': 'opa --service opa.opa:9191 --to gateway/istio-ingressgateway',
  federate: '--contexts east,west',
  'ingress deploy': '',
  'ingress tls': 'shop.example.com --secret shop',
  install: '--via sail',
  'locality balance': 'shop --failover a=b',
  'locality label': 'node-1 --region r',
  'tenant add': 'shop --via none',
  'vm register': 'web --service-account web --port http:8080 --gateway-address 192.0.2.1',
}

/** Commands whose changes depend on the state of the cluster. They refuse a client dry run. */
const refusing: Record<string, string> = {
  'addon connect': 'kiali --contexts east,west',
  'addon disconnect': 'kiali --contexts east,west',
  'addon remove': 'kiali',
  'authz detach': 'opa',
  'ca renew': '--contexts east,west',
  'ca rotate': '--contexts east,west --stage trust',
  'federate remove': '--contexts south --from east',
  'federate rotate': '--contexts east,west',
  'install remove': '',
  'ingress remove': 'istio-ingressgateway',
  'locality unbalance': 'shop',
  'locality unlabel': 'node-1',
  'service export': 'hello --contexts east --to west',
  'service unexport': 'hello --contexts east --to west',
  'tenant assign': 'shop app',
  'tenant remove': 'shop',
  'vm remove': 'web',
}

/** Neither a kubeconfig nor a home folder. */
const nothing = {KUBECONFIG: '/dev/null', HOME: undefined}

/** The command line as words. The commands for one cluster get `--context`, which does not exist either. */
function wordsOf(command: string, line: string, ...more: string[]): string[] {
  return [...command.split(' '), ...line.split(' ').filter(Boolean), '--dry-run=client', ...more]
}

const {commands} = JSON.parse(readFileSync(`${root}oclif.manifest.json`, 'utf8')) as {
  commands: Record<string, {flags: Record<string, unknown>}>
}
const hasFlag = (name: string) =>
  Object.entries(commands)
    .filter(([, {flags}]) => name in flags)
    .map(([id]) => id.replaceAll(':', ' '))

test('the tables list every command with --dry-run', () => {
  expect([...Object.keys(printing), ...Object.keys(refusing)].sort()).toEqual(hasFlag('dry-run').sort())
})

describe('flags that only a dry run follows are refused without it', () => {
  const lines = Object.entries({...printing, ...refusing})
  // Here the folder has another meaning.
  const otherFolder = ['vm register', 'service export', 'service unexport']
  const cases = [
    ...lines.map(([command, line]) => ({command, line, flag: '-o diff', name: 'output'})),
    ...lines
      .filter(([command]) => !otherFolder.includes(command))
      .map(([command, line]) => ({command, line, flag: '--output-dir', name: 'output-dir'})),
  ].filter(({command, name}) => hasFlag(name).includes(command))
  test.each(cases)('$command $flag', async ({command, line, flag, name}) => {
    const values = name === 'output-dir' ? [flag, join(folder, 'out')] : flag.split(' ')
    const words = [...command.split(' '), ...line.split(' ').filter(Boolean), ...values, '--yes']
    const {code, stdout, stderr} = await run(bin, words, {env: nothing})
    expect({code, stdout}).toEqual({code: 2, stdout: ''})
    expect(stderr).toBe(`error: ${flag} requires --dry-run\nhint:  add --dry-run=server: it changes no cluster\n`)
    expect(readdirSync(folder)).not.toContain('out')
  })
})

describe('--dry-run=client needs no cluster, no kubeconfig and no home folder', () => {
  test.each(Object.entries(printing))('%s %s', async (command, line) => {
    const named = hasFlag('context').includes(command) ? ['--context', 'missing'] : []
    const runs = await Promise.all([[], named].map(more => run(bin, wordsOf(command, line, ...more), {env: nothing})))
    for (const {code, stdout, stderr} of runs) {
      expect({code, stderr}).toEqual({code: 0, stderr: expect.not.stringContaining('error:')})
      expect(stdout).toContain('kind: ')
    }
  })

  test.each(Object.entries(refusing))('%s %s refuses, and needs none either', async (command, line) => {
    const {code, stdout, stderr} = await run(bin, wordsOf(command, line), {env: nothing})
    expect({code, stdout}).toEqual({code: 2, stdout: ''})
    expect(stderr).toContain('this command depends on the state of the cluster')
  })

  test('the namespace is that of the context if there is one, else default', async () => {
    const file = join(folder, 'kubeconfig')
    const context = {cluster: 'c', user: '', namespace: 'shop'}
    writeFileSync(
      file,
      JSON.stringify({
        clusters: [{name: 'c', cluster: {server: 'https://192.0.2.1'}}],
        contexts: [{name: 'c', context}],
        'current-context': 'c',
      }),
    )
    const words = wordsOf('ingress tls', printing['ingress tls']!)
    expect((await run(bin, words, {env: nothing})).stdout).toContain('namespace: default')
    expect((await run(bin, words, {env: {KUBECONFIG: file}})).stdout).toContain('namespace: shop')
    const inFile = await run(bin, [...words, '--context', `east=${file}`], {env: nothing})
    expect(inFile.stdout).toContain('namespace: shop')
  })
})

describe('names of contexts that clouds and installers choose', () => {
  const names = [
    'gke_p_europe-west1_shop',
    'arn:aws:eks:eu-west-1:123456789012:cluster/pay',
    'kubernetes-admin@kubernetes',
  ]

  test('give the names of the clusters', async () => {
    const {code, stdout, stderr} = await run(bin, wordsOf('federate', `--contexts ${names.join(',')}`), {env: nothing})
    expect({code, stderr}).toEqual({code: 0, stderr: expect.not.stringContaining('error:')})
    expect(stdout.match(/^# cluster: .*/gm)).toEqual(['# cluster: shop', '# cluster: pay', '# cluster: kubernetes'])
    expect(stdout).not.toContain('gke_')
  })

  test('are refused if two clusters would have the same name', async () => {
    const two = ['gke_p_europe-west1_shop', 'gke_p_us-east1_shop']
    const {code, stderr} = await run(bin, wordsOf('federate', `--contexts ${two.join(',')}`), {env: nothing})
    expect(code).toBe(3)
    expect(stderr).toContain(`contexts ${two.join(' and ')} have the same cluster name shop`)
    const hint = `--cluster-name ${two[1]}=shop-us`
    expect(await run(bin, wordsOf('federate', `--contexts ${two.join(',')} ${hint}`), {env: nothing})).toMatchObject({
      code: 0,
    })
  })
})

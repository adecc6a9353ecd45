import {execFile} from 'node:child_process'
import {mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile} from 'node:fs/promises'
import http from 'node:http'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {listen} from '../support/listen.ts'
import {bin, run} from './cli.ts'

let folder: string
let server: http.Server
let answer = '"ok"'

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-input-'))
  server = http.createServer((_, response) => response.setHeader('content-type', 'application/json').end(answer))
  const url = `http://127.0.0.1:${await listen(server)}`
  const contexts = ['a', 'b'].map(name => ({name, context: {cluster: 'c', user: 'u'}}))
  await Promise.all([
    writeFile(
      join(folder, 'kubeconfig'),
      JSON.stringify({
        clusters: [{name: 'c', cluster: {server: url}}],
        users: [{name: 'u', user: {}}],
        contexts,
      }),
    ),
    mkdir(join(folder, 'large')).then(() => symlink('/dev/zero', join(folder, 'large', 'root-cert.pem'))),
    symlink(join(folder, 'missing'), join(folder, 'dangling')),
    promisify(execFile)('mkfifo', [join(folder, 'pipe')]),
    ...Object.entries(meshFiles).map(([name, text]) => writeFile(join(folder, `${name}.yaml`), text)),
  ])
})

afterAll(async () => {
  server.close()
  await rm(folder, {recursive: true, force: true})
})

const ingress = (spec: string) => `apiVersion: kubectl-mesh.io/v1alpha1\nkind: IngressGateway\nspec: ${spec}\n`
const meshFiles = {
  tostring: ingress('{name: a, namespace: b, hostPort: [{toString: x}]}'),
  'host-port-map': ingress('{name: a, namespace: b, hostPort: {constructor: x}}'),
  'host-port-null': ingress('{name: a, namespace: b, hostPort: [null]}'),
  'name-list': ingress('{name: [a], namespace: b}'),
  'spec-text': ingress('text'),
  'spec-list': ingress('[a]'),
  'contexts-map': 'apiVersion: kubectl-mesh.io/v1alpha1\nkind: Federation\nspec: {contexts: {a: b}}\n',
  'network-text': 'apiVersion: kubectl-mesh.io/v1alpha1\nkind: Federation\nspec: {contexts: [a, b], network: x}\n',
  'set-map': 'apiVersion: kubectl-mesh.io/v1alpha1\nkind: Federation\nspec: {contexts: [a, b], set: {a: b}}\n',
}

/** Runs a command line of words. `DIR` stands for the folder of the test. */
async function outcome(line: string, ...more: string[]) {
  const args = [...line.split(' '), ...more].map(word => word.replace('DIR', folder))
  return run(bin, args, {env: {KUBECONFIG: join(folder, 'kubeconfig')}})
}

const federate = 'federate --contexts a,b --dry-run=client'
const rendered = `${federate} --control-plane istioctl --set`

describe('input that breaks a program which trusts its form is rejected in a clear sentence', () => {
  test.each<[string, RegExp]>([
    ...Object.keys(meshFiles).map((name): [string, RegExp] => [
      `${name.match(/context|network|set/) ? 'federate' : 'ingress deploy'} -f DIR/${name}.yaml --dry-run=client`,
      /^error: .*(must be|is not|expected)/,
    ]),
    [`${rendered} constructor=b`, /^error: --set constructor=b sets constructor, which is not a value of Istio/],
    [`${rendered} __proto__=b`, /^error: --set __proto__=b sets __proto__, which is not a value of Istio/],
    [`${rendered} values.constructor.prototype=b`, /^error: --set .* which is not a value of Istio/],
    ['vm register v -n team --context a --address fe80::1%eth0', /^error: --address fe80::1%eth0 is not an IP address/],
    [
      `${federate} --mode primary-remote --primary a --remote-pilot-address fe80::1%eth0`,
      /^error: --remote-pilot-address fe80::1%eth0 is not an IP address/,
    ],
    [`${federate} --server a=https://[fe80::1%eth0]:6443`, /^error: --server .* is not an https URL/],
    [
      `${federate} --mode gateways --dns dnsmasq --dns-forward fe80::1%eth0`,
      /^error: --dns-forward fe80::1%eth0 is not/,
    ],
    ['ca init --dir DIR/ca --organization #c', /^error: --organization #c begins with #/],
    ['ca init --dir DIR/ca --common-name #c', /^error: --common-name #c begins with #/],
    ['ca init --dir DIR/dangling', /^error: .*dangling is a symbolic link/],
    ['ca issue --dir DIR/large --cluster x', /^error: .*root-cert\.pem is larger than the limit/],
    [
      'ca issue --cluster x --dir DIR/ca --root-cert /dev/zero --root-key /dev/zero',
      /^error: \/dev\/zero is larger than/,
    ],
    ['ca import --dir DIR/ca --cluster x=DIR/large', /^error: cannot read .*large: expected a file, found a folder/],
    ['ca import --dir DIR/ca --cluster x=DIR/pipe', /^error: .*pipe is a named pipe; expected a file/],
    ['ca import --dir DIR/ca --cluster x=DIR/tostring.yaml --root-cert DIR/pipe', /^error: .*pipe is a named pipe/],
    ['ca issue --cluster x --dir DIR/ca --root-cert DIR/pipe --root-key DIR/pipe', /^error: .*pipe is a named pipe/],
    ['ingress deploy -f DIR/pipe', /^error: .*pipe is a named pipe; expected a file/],
    ['ca status --dir DIR/large', /^error: .*root-cert\.pem is larger than the limit/],
    [
      'ingress tls h.example -n x --context a --cert /dev/zero --key /dev/zero --dry-run=client',
      /^error: .*\/dev\/zero is larger than/,
    ],
    ['locality label --context a --from /dev/zero', /^error: \/dev\/zero is larger than/],
    [`${federate} --output-dir DIR/dangling`, /^error: .*dangling is a symbolic link/],
  ])('%s', async (line, message) => {
    const {code, stdout, stderr} = await outcome(line)
    expect({code, stdout}, stderr).toEqual({code: expect.toBeOneOf([2, 3]), stdout: ''})
    expect(stderr).toMatch(message)
    expect(stderr).not.toContain('unexpected: ')
  })

  test('the subject of a root has exactly the given text', async () => {
    const {code, stderr} = await outcome('ca init --dir DIR/quoted', '--organization', 'A "B" \\C')
    expect({code}, stderr).toEqual({code: 0})
    expect(await readdir(join(folder, 'quoted'))).toEqual(['root-cert.pem', 'root-key.pem'])
    const pem = await readFile(join(folder, 'quoted', 'root-cert.pem'), 'latin1')
    expect(Buffer.from(pem.replaceAll(/-----.*-----/g, ''), 'base64').includes('A "B" \\C')).toBe(true)
  })
})

test('ca issue: a failure after the first cluster has exit code 4', async () => {
  expect(await outcome('ca init --dir DIR/several')).toMatchObject({code: 0})
  expect(await outcome('ca issue --dir DIR/several --cluster west')).toMatchObject({code: 0})
  expect(await outcome('ca issue --dir DIR/several --cluster east,west')).toMatchObject({
    code: 4,
    stdout: expect.stringMatching(/several\/east\n$/),
    stderr: expect.stringMatching(/^error: .*several\/west already contains a CA$/m),
  })
  expect(await outcome('ca issue --dir DIR/several --cluster west,north')).toMatchObject({code: 3, stdout: ''})
})

describe('a server that answers every request with status 200 and something else than an object', () => {
  const commands = [
    'federate --contexts a,b --yes',
    'federate status --contexts a,b',
    'federate verify --contexts a,b',
    'federate remove --contexts a,b --yes',
    'service export x -n y --contexts a --to b --yes',
    'service unexport x -n y --contexts a --from b --yes',
    'service list --contexts a,b',
    'tenant list --context a',
    'tenant add ug1 --context a --namespaces x --yes',
    'tenant remove ug1 --context a --yes',
    'vm register v -n team --context a --address 10.0.0.1 --service-account v --yes',
    'vm list --context a',
    'vm remove v -n team --context a --yes',
    'vm verify v -n team --context a',
    'authz list --context a',
    'ingress remove g -n x --context a --yes',
    'tenant assign ug1 --context a --namespaces y --yes',
    'tenant verify ug1 --context a',
    'vm renew v -n team --context a',
    'authz attach --context a --provider p --yes',
    'authz detach --context a --yes',
    'authz verify --context a',
    'locality balance x -n y --context a --yes',
    'locality label --context a --yes',
    'ingress tls --list --context a',
    'locality status --context a',
    'ca status --contexts a,b',
  ]
  test.each(commands)('%s', async line => {
    answer = '"ok"'
    await expectClear(line)
  })

  test.each(['[]', 'null', '1', 'false'])('%s', async body => {
    answer = body
    for (const line of commands.slice(0, 2)) await expectClear(line)
  })

  async function expectClear(line: string): Promise<void> {
    const {code, stdout, stderr} = await outcome(line)
    expect([2, 3, 5], stdout + stderr).toContain(code)
    expect(stdout + stderr).not.toContain('unexpected: ')
  }
})

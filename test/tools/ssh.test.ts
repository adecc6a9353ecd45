import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {runAsRoot} from '../../src/tools/ssh.ts'
import {useFakeTools} from './fake-tools.ts'

const tools = useFakeTools({only: true})
const renew = () => runAsRoot('web1', '/usr/local/sbin/renew', ['token', 'root-ca'], {input: 'secret'})

test('runs the program with sudo unless the user is root, and passes the input on stdin', async () => {
  await tools.add('ssh', `cat > "\${0%/*}/input"; printf '%s\\n' "$@" > "\${0%/*}/args"; echo done`)
  expect(await renew()).toBe('done\n')
  expect(await readFile(join(tools.folder, 'input'), 'utf8')).toBe('secret')
  const command = '/usr/local/sbin/renew token root-ca'
  expect(await readFile(join(tools.folder, 'args'), 'utf8')).toBe(
    `--\nweb1\nif [ "$(id -u)" = 0 ]; then exec ${command}; else exec sudo -n ${command}; fi\n`,
  )
})

describe('reports', () => {
  test('that ssh is missing', async () => {
    await expect(renew()).rejects.toMatchObject({exit: 3, problems: [{message: 'ssh is not in PATH'}]})
  })

  test.each<[number, string, string, string[]]>([
    [255, 'Connection refused', 'ssh web1 failed: Connection refused', ['ssh web1 true']],
    [
      1,
      'sudo: a password is required',
      'web1: sudo requires a password',
      ['--ssh root@HOST, or allow this user to run sudo without a password'],
    ],
    [
      127,
      'sh: renew: not found',
      'web1: cannot run /usr/local/sbin/renew: sh: renew: not found',
      ['first install the bundle there: sudo sh install.sh'],
    ],
    [1, 'stdin contains no token', 'web1: stdin contains no token', []],
  ])('exit code %d, %s', async (code, stderr, message, hints) => {
    await tools.add('ssh', `echo '${stderr}' >&2; exit ${code}`)
    await expect(renew()).rejects.toMatchObject({exit: 3, problems: [{message, hints}]})
  })
})

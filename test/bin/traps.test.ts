import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {describe, expect, test} from 'vitest'
import {ended, fixture, run, shell} from './cli.ts'

/** Runs a command of the fixture, which prints its flags as JSON. */
async function flagsOf(...args: string[]) {
  const {code, stdout, stderr} = await run(fixture, args)
  expect({code, stderr}).toEqual({code: 0, stderr: ''})
  return JSON.parse(stdout)
}

describe('forms of flags that kubectl accepts', () => {
  test('--yes=false', async () => {
    expect((await flagsOf('join', '--yes=false')).yes).toBe(false)
    expect((await flagsOf('join', '--yes', '--yes=false')).yes).toBe(false)
    expect((await flagsOf('join', '--yes=true')).yes).toBe(true)
  })

  test('flags before and between the command words', async () => {
    expect((await flagsOf('--contexts', 'a,b', 'join')).contexts).toEqual(['a,b'])
    expect((await flagsOf('--context', 'x', 'join', 'status')).status.context).toBe('x')
    expect(await flagsOf('tenant', '-n', 'foo', 'add', 'bob')).toMatchObject({
      args: {name: 'bob'},
      flags: {namespace: 'foo'},
    })
  })

  test('a bare --dry-run', async () => expect((await flagsOf('join', '--dry-run'))['dry-run']).toBe('client'))

  test('the last value of a repeated flag wins', async () => {
    expect((await flagsOf('join', '--field-manager', 'a', '--field-manager=b'))['field-manager']).toBe('b')
  })

  test('a list flag takes one value each time', async () => {
    expect(await flagsOf('tenant', 'add', '--label', 'a=b', 'bob')).toMatchObject({
      args: {name: 'bob'},
      flags: {label: ['a=b']},
    })
    expect(await flagsOf('join', '--contexts', 'a,b', '--contexts', 'c')).toMatchObject({contexts: ['a,b', 'c']})
    expect(await flagsOf('join', '--network', 'a=x,y')).toMatchObject({network: ['a=x,y']})
  })

  test('durations', async () => {
    expect(await flagsOf('join', '--timeout', '1h30m', '--request-timeout=5')).toMatchObject({
      timeout: 5_400_000,
      'request-timeout': 5000,
    })
    expect(await flagsOf('join')).toMatchObject({timeout: 300_000, wait: true})
    expect(await flagsOf('join', '--no-wait')).toMatchObject({wait: false})
  })
})

describe('stdin', () => {
  test('a missing argument is not read from stdin', async () => {
    const {stdout} = await run(fixture, ['tenant', 'add'], {input: 'piped\n'})
    expect(JSON.parse(stdout).args).toEqual({})
  })

  test('a missing required argument is an error', async () => {
    const {code, stdout, stderr} = await run(fixture, ['tenant', 'move'], {input: 'piped\n'})
    expect({code, stdout}).toEqual({code: 2, stdout: ''})
    expect(stderr).toBe(
      'error: NAME is missing: name of the tenant\nerror: MODE is missing: one of fast, slow\nhint:  kubectl mesh tenant move --help\n',
    )
  })
})

describe('invalid usage: exit code 2, whole lines on stderr, nothing on stdout', () => {
  const long = 'x'.repeat(200)
  test.each([
    [
      ['join', 'statsu'],
      'error: unknown command "join statsu"\nhint:  did you mean: kubectl mesh join status\nhint:  kubectl mesh join --help\n',
    ],
    [
      ['join', 'statsu', '--help'],
      'error: unknown command "join statsu"\nhint:  did you mean: kubectl mesh join status\nhint:  kubectl mesh join --help\n',
    ],
    [
      ['tenant', 'ad', 'bob'],
      'error: unknown command "tenant ad"\nhint:  did you mean: kubectl mesh tenant add\nhint:  kubectl mesh tenant --help\n',
    ],
    [['tenant', '-n', 'foo'], 'error: tenant requires a subcommand\nhint:  kubectl mesh tenant --help\n'],
    [
      ['join', '--contxts', 'a'],
      'error: unknown flag --contxts\nhint:  did you mean --contexts?\nhint:  kubectl mesh join --help\n',
    ],
    [
      ['join', '--dry-run', `--dry-run=${long}`],
      `error: --dry-run=${long} is not one of none, client, server\nhint:  kubectl mesh join --help\n`,
    ],
    [['join', '--timeout=5x'], 'error: --timeout 5x is not a duration (90s, 5m, 1h30m)\n'],
    [['tenant', 'add', 'a', 'b'], 'error: unexpected argument b\nhint:  kubectl mesh tenant add --help\n'],
    [['join', '--field-manager'], 'error: --field-manager expects a value\nhint:  kubectl mesh join --help\n'],
  ])('%j', async (args, stderr) => expect(await run(fixture, args)).toMatchObject({code: 2, stdout: '', stderr}))
})

describe('help', () => {
  test('of a topic', async () => {
    const {code, stdout} = await run(fixture, ['tenant'])
    expect(code).toBe(0)
    expect(stdout).toContain('$ kubectl mesh tenant COMMAND')
    expect(stdout).toContain('tenant add')
  })

  test('of a command that is also a topic', async () => {
    const {stdout} = await run(fixture, ['join', '--help'])
    expect(stdout).toContain('$ kubectl mesh join ')
    expect(stdout).toContain('join status')
    expect(stdout).toMatch(/SHARED FLAGS\n.*--kubeconfig=FILE/)
    expect(stdout).toMatch(/EXIT CODES\n.*0 +success/)
    expect(stdout).not.toContain('300000')
  })

  test('shows only flags that the command has, and only topics with commands', async () => {
    expect((await run(fixture, ['join', 'status', '--help'])).stdout).not.toContain('--wait')
    expect((await run(fixture, ['--help'])).stdout).not.toContain('empty')
  })
})

describe('exit codes and errors', () => {
  test.each([
    ['nothing', 0, ''],
    ['differences', 1, ''],
    ['check', 5, ''],
    [
      'mesh',
      4,
      'error: east: no address\nhint:  look there\nhint:  or there\nerror: west: two\n       lines \\u001b[31mred\n',
    ],
    ['api', 3, 'error: secrets is forbidden\n'],
    ['unreachable', 3, 'error: east: connect ETIMEDOUT\n'],
    ['bug', 3, 'error: unexpected: x is undefined\nhint:  run the command again with -v=6 to see the stack trace\n'],
    ['asked', 130, 'error: interrupted\n'],
    ['later', 3, 'error: unexpected: not awaited\nhint:  run the command again with -v=6 to see the stack trace\n'],
    ['stuck', 3, 'error: standard input ended at a prompt\nhint:  set the values with flags, and add --no-input\n'],
    ['idle', 0, ''],
  ])('%s: %i', async (way, code, stderr) =>
    expect(await run(fixture, ['end', way])).toMatchObject({code, stdout: '', stderr}),
  )

  test('-v=6 prints the stack trace', async () => {
    const {code, stderr} = await run(fixture, ['end', 'bug', '-v=6'])
    expect(code).toBe(3)
    expect(stderr).toMatch(/^TypeError: x is undefined\n {4}at /m)
  })

  test('Ctrl-C', async () => {
    const child = spawn(process.execPath, [fixture, 'end', 'waiting'])
    const end = ended(child)
    await once(child.stdout, 'data')
    child.kill('SIGINT')
    expect(await end).toMatchObject({code: 130, signal: null, stderr: 'error: interrupted\n'})
  })
})

describe('pipes', () => {
  test('20,000 lines are complete', async () => {
    const {stdout} = await shell('"$node" "$fixture" end lines | (sleep 0.5; wc -l; ); echo $PIPESTATUS')
    expect(stdout.trim().split(/\s+/)).toEqual(['20000', '0'])
  })

  test('a closed pipe is not an error', async () => {
    const {stdout, stderr} = await shell('"$node" "$fixture" end lines | head -1; echo $PIPESTATUS')
    expect({stdout, stderr}).toEqual({stdout: 'line 1\n0\n', stderr: ''})
  })

  test('the command continues after the reader of stdout closes the pipe', async () => {
    const {stdout, stderr} = await shell('"$node" "$fixture" end afterwards | head -1; echo $PIPESTATUS')
    expect({stdout, stderr}).toEqual({stdout: 'line 1\n5\n', stderr: 'all done\n'})
  })

  test('a full disk is an error', async () => {
    const {stdout} = await shell('"$node" "$fixture" end lines 2>&1 >/dev/full; echo $?')
    expect(stdout).toMatch(/^error: .*ENOSPC.*\nhint: {2}the output is incomplete\n3\n$/)
  })
})

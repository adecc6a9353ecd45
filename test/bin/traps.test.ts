import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {describe, expect, test} from 'vitest'
import {ended, fixture, run, shell} from './cli.ts'

/** Runs a command of the fixture that prints JSON. */
async function told(...args: string[]) {
  const {code, stdout, stderr} = await run(fixture, args)
  expect({code, stderr}).toEqual({code: 0, stderr: ''})
  return JSON.parse(stdout)
}

describe('flags as kubectl takes them', () => {
  test('--yes=false is no, and no argument', async () => {
    expect((await told('join', '--yes=false')).yes).toBe(false)
    expect((await told('join', '--yes', '--yes=false')).yes).toBe(false)
    expect((await told('join', '--yes=true')).yes).toBe(true)
  })

  test('flags before and between the command words', async () => {
    expect((await told('--contexts', 'a,b', 'join')).contexts).toEqual(['a', 'b'])
    expect((await told('--context', 'x', 'join', 'status')).status.context).toBe('x')
    expect(await told('tenant', '-n', 'foo', 'add', 'bob')).toMatchObject({
      args: {name: 'bob'},
      flags: {namespace: 'foo'},
    })
  })

  test('a bare --dry-run', async () => expect((await told('join', '--dry-run'))['dry-run']).toBe('client'))

  test('the last one of a flag', async () => {
    expect((await told('join', '--field-manager', 'a', '--field-manager=b'))['field-manager']).toBe('b')
  })

  test('a list takes one value each time, and commas', async () => {
    expect(await told('tenant', 'add', '--label', 'a=b', 'bob')).toMatchObject({
      args: {name: 'bob'},
      flags: {label: ['a=b']},
    })
    expect(await told('join', '--contexts', 'a,b', '--contexts', 'c')).toMatchObject({contexts: ['a', 'b', 'c']})
    expect(await told('join', '--network', 'a=x,y')).toMatchObject({network: ['a=x,y']})
  })

  test('durations', async () => {
    expect(await told('join', '--timeout', '1h30m', '--request-timeout=5')).toMatchObject({
      timeout: 5_400_000,
      'request-timeout': 5000,
    })
    expect(await told('join')).toMatchObject({timeout: 300_000, wait: true})
    expect(await told('join', '--no-wait')).toMatchObject({wait: false})
  })
})

describe('stdin', () => {
  test('a missing argument is not read from stdin', async () => {
    const {stdout} = await run(fixture, ['tenant', 'add'], {input: 'piped\n'})
    expect(JSON.parse(stdout).args).toEqual({})
  })

  test('a required one is missing', async () => {
    const {code, stdout, stderr} = await run(fixture, ['tenant', 'move'], {input: 'piped\n'})
    expect({code, stdout}).toEqual({code: 2, stdout: ''})
    expect(stderr).toBe(
      'error: NAME is missing: name of the tenant\nerror: MODE is missing: one of fast, slow\nhint:  kubectl mesh tenant move --help\n',
    )
  })
})

describe('wrong usage: exit 2, whole lines on stderr, nothing on stdout', () => {
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
    [['tenant', '-n', 'foo'], 'error: tenant wants a command\nhint:  kubectl mesh tenant --help\n'],
    [
      ['join', '--contxts', 'a'],
      'error: unknown flag --contxts\nhint:  did you mean --contexts?\nhint:  kubectl mesh join --help\n',
    ],
    [
      ['join', '--dry-run', `--dry-run=${long}`],
      `error: --dry-run=${long} is not one of none, client, server\nhint:  kubectl mesh join --help\n`,
    ],
    [['join', '--timeout=5x'], 'error: --timeout 5x is not a duration (90s, 5m, 1h30m)\n'],
    [['join', '--contexts=a,,b'], 'error: --contexts: there is nothing between two commas, or at an end\n'],
    [['tenant', 'add', 'a', 'b'], 'error: unexpected argument b\nhint:  kubectl mesh tenant add --help\n'],
    [['join', '--field-manager'], 'error: --field-manager expects a value\nhint:  kubectl mesh join --help\n'],
  ])('%j', async (args, stderr) => expect(await run(fixture, args)).toMatchObject({code: 2, stdout: '', stderr}))
})

describe('help', () => {
  test('of a topic alone', async () => {
    const {code, stdout} = await run(fixture, ['tenant'])
    expect(code).toBe(0)
    expect(stdout).toContain('$ kubectl mesh tenant COMMAND')
    expect(stdout).toContain('tenant add')
  })

  test('of a command that is a topic too', async () => {
    const {stdout} = await run(fixture, ['join', '--help'])
    expect(stdout).toContain('$ kubectl mesh join ')
    expect(stdout).toContain('join status')
    expect(stdout).toMatch(/KUBECTL FLAGS\n/)
    expect(stdout).toMatch(/EXIT CODES\n.*0 +done/)
    expect(stdout).not.toContain('300000')
  })

  test('shows no flag that a command ignores, and no topic without commands', async () => {
    expect((await run(fixture, ['join', 'status', '--help'])).stdout).not.toContain('--wait')
    expect((await run(fixture, ['--help'])).stdout).not.toContain('empty')
  })
})

describe('ends', () => {
  test.each([
    ['nothing', 0, ''],
    ['differences', 1, ''],
    ['check', 5, ''],
    ['mesh', 4, 'error: east: no address\nhint:  look there\nhint:  or there\nerror: west: two\n       lines red\n'],
    ['api', 3, 'error: secrets is forbidden\n'],
    ['unreachable', 3, 'error: east: connect ETIMEDOUT\n'],
    ['bug', 3, 'error: unexpected: x is undefined\nhint:  run it again with -v=6 to see where it comes from\n'],
    ['asked', 130, 'error: interrupted\n'],
    ['later', 3, 'error: unexpected: nobody waits\nhint:  run it again with -v=6 to see where it comes from\n'],
    ['stuck', 3, 'error: standard input ended at a question\nhint:  say it with flags, and --no-input\n'],
    ['idle', 0, ''],
  ])('%s: %i', async (way, code, stderr) =>
    expect(await run(fixture, ['end', way])).toMatchObject({code, stdout: '', stderr}),
  )

  test('a stack with -v=6', async () => {
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
  test('20,000 lines arrive whole', async () => {
    const {stdout} = await shell('"$node" "$fixture" end lines | (sleep 0.5; wc -l; ); echo $PIPESTATUS')
    expect(stdout.trim().split(/\s+/)).toEqual(['20000', '0'])
  })

  test('a reader that leaves is no error', async () => {
    const {stdout, stderr} = await shell('"$node" "$fixture" end lines | head -1; echo $PIPESTATUS')
    expect({stdout, stderr}).toEqual({stdout: 'line 1\n0\n', stderr: ''})
  })

  test('work goes on when the reader of stdout has left', async () => {
    const {stdout, stderr} = await shell('"$node" "$fixture" end afterwards | head -1; echo $PIPESTATUS')
    expect({stdout, stderr}).toEqual({stdout: 'line 1\n5\n', stderr: 'all done\n'})
  })

  test('a full disk is an error', async () => {
    const {stdout} = await shell('"$node" "$fixture" end lines 2>&1 >/dev/full; echo $?')
    expect(stdout).toMatch(/^error: .*ENOSPC.*\n3\n$/)
  })
})

import {Writable} from 'node:stream'
import {expect, test, vi} from 'vitest'
import {exitCodes} from '../../src/errors.ts'
import {printListing, runList, untilOk} from '../../src/run/list-run.ts'
import {openTerminal} from '../../src/terminal/output/terminal.ts'

vi.mock('node:timers/promises', () => ({setTimeout: async () => undefined}))

function capture() {
  const written: string[] = []
  const write = (chunk: unknown, _encoding: string, done: () => void) => {
    written.push(String(chunk))
    done()
  }
  const stream = () => new Writable({write})
  const terminal = openTerminal({}, {stdin: {}, stdout: stream(), stderr: stream(), env: {}})
  return {terminal, text: () => written.join('')}
}

const things = (states: string[]) => ({
  rows: states,
  columns: [{head: 'state', cell: (state: string) => state}],
  document: (items: object[]) => ({items}),
  item: (state: string) => ({state}),
  name: (state: string) => state,
})

test('--wait reads until the exit code is 0, and prints only the last result', async () => {
  const {terminal, text} = capture()
  let reads = 0
  const exit = await untilOk({wait: true}, terminal, async shown => {
    shown.print(`read ${++reads}`)
    return reads < 3 ? exitCodes.check : exitCodes.ok
  })
  expect({exit, text: text()}).toEqual({exit: exitCodes.ok, text: 'read 3\n'})
})

test('--wait ends with the last result when the time is over; without it, the command reads once', async () => {
  for (const flags of [{wait: true, timeout: 0}, {}]) {
    const {terminal, text} = capture()
    const exit = await untilOk(flags, terminal, async shown => {
      shown.print('bad')
      return exitCodes.check
    })
    expect({exit, text: text()}).toEqual({exit: exitCodes.check, text: 'bad\n'})
  }
})

test('--watch prints rows and messages once, and rows again when they change', async () => {
  const {terminal, text} = capture()
  const reads = [
    ['a', 'b'],
    ['a', 'b'],
    ['a', 'c'],
  ]
  const end = runList({v: 0, watch: true}, terminal, async run => {
    const states = reads.shift()
    if (!states) throw new Error('stopped')
    run.terminal.message('a warning')
    printListing(run, things(states))
    return exitCodes.ok
  })
  await expect(end).rejects.toThrow('stopped')
  expect(text()).toBe('a warning\nSTATE\na\nb\nc\n')
})

test('--watch prints a row again when it returns to an earlier state, and not because of its age', async () => {
  const {terminal, text} = capture()
  const states = ['ok', 'bad', 'ok', 'ok']
  let age = 0
  const end = runList({v: 0, watch: true}, terminal, async run => {
    const state = states.shift()
    if (!state) throw new Error('stopped')
    age += 5
    const columns = [
      {head: 'state', cell: (row: string) => row},
      {head: 'age', cell: () => `${age}s`},
    ]
    printListing(run, {...things([state]), columns})
    return exitCodes.ok
  })
  await expect(end).rejects.toThrow('stopped')
  expect(
    text()
      .split('\n')
      .map(line => line.trimEnd()),
  ).toEqual(['STATE   AGE', 'ok      5s', 'bad     10s', 'ok      15s', ''])
})

test('--no-headers prints only rows to stdout; what is below the table goes to stderr', () => {
  const {terminal} = capture()
  const [rows, messages]: [unknown[], unknown[]] = [[], []]
  const split = {
    ...terminal,
    print: (text: unknown) => void rows.push(text),
    message: (text: unknown) => void messages.push(text),
  }
  const listing = {...things(['a']), below: () => '\n✘ broken\n'}
  printListing({terminal: split, list: {output: undefined, noHeaders: true}}, listing)
  expect(rows).toEqual([[expect.objectContaining({text: 'a'})]])
  expect(messages).toEqual([[{text: '✘ broken', style: 'red'}]])
})

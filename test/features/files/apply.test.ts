import {describe, expect, test} from 'vitest'
import {exitCodes, type MeshError, refusedError, usageError} from '../../../src/errors.ts'
import {applyDocuments} from '../../../src/features/files/apply.ts'
import type {AppliedKind} from '../../../src/features/files/kind.ts'
import {inOrder} from '../../../src/features/files/order.ts'
import {applySteps, documentOf, kindOf, lineFor, planOf, recordedRun, stepOf} from './samples.ts'

const creating =
  (...names: string[]): AppliedKind['apply'] =>
  (_raw, context, run) =>
    applySteps(run, [planOf(context, ...names.map(name => stepOf(name, 'create')))])

async function apply(...documents: ReturnType<typeof documentOf>[]) {
  const {run, out, messages} = recordedRun()
  const error = await applyDocuments(
    inOrder(documents),
    {resume: 'kubectl mesh apply -f mesh', output: undefined},
    run,
  ).then(
    () => undefined,
    failure => failure as MeshError,
  )
  const rows = out.filter(line => / (applied|unchanged|failed|not tried) /.test(line))
  return {error, out, messages, results: rows.map(row => row.split(/ {2,}/).slice(1, 4).join(' '))}
}

test('one summary, then each document in the order of the kinds, then one report', async () => {
  const gateway = kindOf('Gateway', [], creating('gateway'))
  const tls = kindOf('Tls', ['Gateway'], creating('tls-1', 'tls-2'))
  const {error, out, messages, results} = await apply(documentOf(tls, 'b'), documentOf(gateway, 'a'))
  expect(error).toBeUndefined()
  expect(messages).toEqual(['2 documents: 2 with changes', 'east: 3 to create'])
  expect(out.slice(0, 3)).toEqual(['gateway', 'tls-1', 'tls-2'].map(lineFor))
  expect(results).toEqual(['a applied 1', 'b applied 2'])
})

test('nothing to do: no document is applied', async () => {
  const calls: string[] = []
  const idle = kindOf('Idle', [], async (_raw, _context, run) => {
    calls.push(run.write.dryRun)
    return applySteps(run, [planOf('east', stepOf('a', 'unchanged'))])
  })
  expect(await apply(documentOf(idle, 'a'))).toMatchObject({error: undefined, results: ['a unchanged 0']})
  expect(calls).toEqual(['server'])
})

describe('failures', () => {
  const failing = kindOf('Failing', [], (_raw, context, run) =>
    applySteps(run, [planOf(context, stepOf('first', 'create'), stepOf('second', 'create'))], {message: 'denied'}),
  )
  const dependent = kindOf('Dependent', ['Failing'], creating('dependent'))

  test('a failed write stops the documents that depend on it, in shared clusters', async () => {
    const {error, results} = await apply(
      documentOf(failing, 'a'),
      documentOf(dependent, 'b'),
      documentOf(dependent, 'c', 'west'),
      documentOf(kindOf('Other', [], creating('other')), 'd'),
    )
    expect(results).toEqual(['a failed 1', 'b not tried 0', 'c applied 1', 'd applied 1'])
    expect(error).toMatchObject({exit: 4, message: 'Failing a (a.yaml:1): denied'})
    expect(error!.problems[0]!.hints).toEqual(['to continue: kubectl mesh apply -f mesh'])
  })

  test('problems of plans are reported together, and nothing is applied', async () => {
    const refusing = kindOf('Refusing', [], async () => {
      throw refusedError('no istiod', 'to continue: kubectl mesh refusing', 'install it')
    })
    const invalid = kindOf('Invalid', [], async () => {
      throw usageError('no such file')
    })
    const {error, out} = await apply(
      documentOf(refusing, 'a'),
      documentOf(invalid, 'b'),
      documentOf(kindOf('Other', [], creating('other')), 'c'),
    )
    expect(error).toMatchObject({
      exit: 2,
      message: 'Refusing a (a.yaml:1): no istiod\nInvalid b (b.yaml:1): no such file',
    })
    expect(error!.problems[0]!.hints).toEqual(['install it'])
    expect(out).toEqual([])
  })

  test('a conflict is refused before the first write', async () => {
    const conflict = {...stepOf('a', 'conflict'), problem: {message: 'east: owned by helm'}}
    const taken = kindOf('Taken', [], (_raw, context, run) => applySteps(run, [planOf(context, conflict)]))
    const {error, out} = await apply(documentOf(kindOf('Other', [], creating('other')), 'b'), documentOf(taken, 'a'))
    expect({error, out}).toMatchObject({error: {exit: 3, message: 'east: owned by helm'}, out: []})
  })
})

describe('a document that needs what another one creates', () => {
  let created = false
  const gateway = kindOf('Gateway', [], async (_raw, context, run) => {
    if (run.write.dryRun === 'none') created = true
    return applySteps(run, [planOf(context, stepOf('gateway', created ? 'update' : 'create'))])
  })
  const tls = kindOf('Tls', ['Gateway'], async (_raw, context, run) => {
    if (!created) throw refusedError('no gateway')
    return applySteps(run, [planOf(context, stepOf('tls', 'create'))])
  })

  test('is planned after that one', async () => {
    const {error, messages, results} = await apply(documentOf(tls, 'b'), documentOf(gateway, 'a'))
    expect(error).toBeUndefined()
    expect(messages).toEqual([
      'Tls b (b.yaml:1) is planned after Gateway a:',
      '  no gateway',
      '2 documents: 1 with changes, 1 planned later',
      'east: 1 to create',
      'east: 1 to create',
    ])
    expect(results).toEqual(['a applied 1', 'b applied 1'])
  })

  test('fails if no document creates it', async () => {
    created = false
    const {error, out} = await apply(documentOf(tls, 'b'), documentOf(gateway, 'a', 'west'))
    expect({error, out}).toMatchObject({error: {exit: 3, message: 'Tls b (b.yaml:1): no gateway'}, out: []})
  })
})

test('only what was shown is confirmed: a document that is planned later needs the flags of its risks', async () => {
  const flags: Record<string, unknown> = {}
  const recording =
    (name: string, lacks: () => boolean): AppliedKind['apply'] =>
    async (_raw, context, run) => {
      if (lacks()) throw refusedError('lacks something')
      if (run.write.dryRun === 'none')
        flags[name] = [run.write.yes, run.write.overwriteManaged, run.terminal.interactive]
      return applySteps(run, [planOf(context, stepOf(name, 'create'))])
    }
  const first = kindOf(
    'First',
    [],
    recording('first', () => false),
  )
  const second = kindOf(
    'Second',
    ['First'],
    recording('second', () => !('first' in flags)),
  )
  const {run} = recordedRun()
  const asked = {...run, write: {...run.write, yes: false}, gate: {planned: () => undefined, outcome: () => undefined}}
  await applyDocuments([documentOf(first, 'a'), documentOf(second, 'b')], {resume: '', output: undefined}, asked)
  expect(flags).toEqual({first: [false, true, false], second: [true, false, false]})
})

test('changes that were not shown are refused', async () => {
  const growing = kindOf('Growing', [], (_raw, context, run) =>
    applySteps(run, [
      planOf(context, stepOf('a', 'create'), ...(run.write.dryRun === 'none' ? [stepOf('b', 'remove')] : [])),
    ]),
  )
  const {error, results} = await apply(documentOf(growing, 'a'))
  expect(error).toMatchObject({
    exit: 3,
    message: 'Growing a (a.yaml:1): has changes that were not shown: east: ConfigMap b',
  })
  expect(results).toEqual(['a failed 0'])
})

test('values that the user must apply are shown, and the document is not applied', async () => {
  const manual = kindOf('Manual', [], async (_raw, _context, run) => {
    run.terminal.print('meshConfig:\n  a: b\n')
    return exitCodes.ok
  })
  const {error, messages, results} = await apply(documentOf(manual, 'a'))
  expect(messages).toEqual(['Manual a (a.yaml:1):', 'meshConfig:', '  a: b', '1 document: 1 with changes'])
  expect(results).toEqual(['a failed 0'])
  expect(error).toMatchObject({exit: 3, message: expect.stringContaining('apply the values that are printed above')})
})

test('messages of the commands are shown once, below the document', async () => {
  const warning = kindOf('Warning', [], async (_raw, context, run) => {
    run.terminal.message('warning: exposed')
    run.terminal.print('a report of one command')
    return applySteps(run, [planOf(context, stepOf('a', 'create'))])
  })
  const {messages, out} = await apply(documentOf(warning, 'a'))
  expect(messages).toEqual([
    'Warning a (a.yaml:1):',
    '  warning: exposed',
    '1 document: 1 with changes',
    'east: 1 to create',
  ])
  expect(out).not.toContain('a report of one command')
})

describe('documents that are no longer in the files', () => {
  const removing: AppliedKind['apply'] = (_raw, context, run) =>
    applySteps(run, [planOf(context, stepOf('old', 'remove'))])
  const gone = {...documentOf(kindOf('Gateway', [], removing), 'old'), pruned: true as const}
  const added = documentOf(kindOf('Tls', ['Gateway'], creating('new')), 'new')

  test('are removed after the others were applied', async () => {
    const {error, out, messages} = await apply(gone, added)
    expect(error).toBeUndefined()
    expect(messages[0]).toBe('2 documents: 1 with changes, 1 to remove')
    expect(out.filter(line => line.startsWith('configmap/'))).toEqual([lineFor('new'), 'configmap/old deleted (east)'])
    expect(out.filter(line => line.includes('removed'))).toHaveLength(1)
  })

  test('stay if another document of their cluster fails', async () => {
    const failing = kindOf('Failing', [], (_raw, context, run) =>
      applySteps(run, [planOf(context, stepOf('a', 'create'))], {message: 'denied'}),
    )
    const {error, out} = await apply(gone, documentOf(failing, 'a'))
    expect(error).toMatchObject({exit: 3, message: 'Failing a (a.yaml:1): denied'})
    expect(out.join('\n')).toMatch(/old +not tried/)
  })

  test('need a confirmation like every removal', async () => {
    const {run, out} = recordedRun()
    const unconfirmed = {...run, documentSet: 'prod', write: {...run.write, yes: false}}
    await expect(
      applyDocuments([gone], {resume: 'kubectl mesh apply', output: undefined}, unconfirmed),
    ).rejects.toMatchObject({exit: 2, message: 'a removal needs confirmation, and this is not an interactive terminal'})
    expect(out).toEqual([])
  })
})

import {expect, test} from 'vitest'
import {exitCodes, type MeshError, refusedError} from '../../../src/errors.ts'
import {diffDocuments, printFilesPlan} from '../../../src/features/files/diff.ts'
import {inOrder} from '../../../src/features/files/order.ts'
import {applySteps, documentOf, kindOf, planOf, recordedRun, stepOf} from './samples.ts'

const creating = kindOf('Creating', [], (_raw, context, run) =>
  applySteps(run, [planOf(context, stepOf('a', 'create'))]),
)
const unreachable = kindOf('Unreachable', ['Creating'], async (_raw, _context, run) => {
  run.terminal.message(['warning: istiod is old', 'hint:    upgrade it'])
  throw Object.assign(new Error('connect ECONNREFUSED'), {syscall: 'connect'})
})
const warning = kindOf('Warning', [], async (_raw, _context, run) => {
  run.terminal.message(['warning: istiod is old', 'hint:    upgrade it'])
  return exitCodes.ok
})
const failed = (work: Promise<unknown>) => work.then(() => undefined).catch((error: MeshError) => error)

test.each(['json', 'junit', 'table'] as const)('-o %s reports all documents before an error', async output => {
  const {run, out} = recordedRun()
  const documents = inOrder([documentOf(unreachable, 'b', 'west'), documentOf(creating, 'a')])
  const error = await failed(diffDocuments(documents, output, run))
  expect(error).toMatchObject({exit: 3, message: 'Unreachable b (b.yaml:1): connect ECONNREFUSED'})
  const text = out.join('\n')
  if (output === 'json')
    expect(JSON.parse(text).documents).toMatchObject([
      {name: 'b', state: 'failed', problems: [{message: 'Unreachable b (b.yaml:1): connect ECONNREFUSED'}]},
      {name: 'a', state: 'differs'},
    ])
  else if (output === 'junit') expect(text).toMatch(/tests="2" failures="2"[\s\S]*connect ECONNREFUSED/)
  else expect(text).toMatch(/^Unreachable +b +west +failed +0 +0 +0$/m)
})

test('a warning that several documents have is printed once', async () => {
  const {run, messages} = recordedRun()
  const documents = ['a', 'b'].map(name => documentOf(warning, name))
  await diffDocuments(documents, 'json', run)
  expect(messages).toEqual([
    'Warning a (a.yaml:1):',
    '  warning: istiod is old',
    '  hint:    upgrade it',
    'Warning b (b.yaml:1): same warning as for Warning a (a.yaml:1)',
  ])
})

test('a plan that cannot be saved is not printed', async () => {
  const later = kindOf('Later', ['Creating'], async () => {
    throw refusedError('no gateway')
  })
  const {run, out} = recordedRun()
  const documents = inOrder([documentOf(later, 'b'), documentOf(creating, 'a')])
  const error = await failed(printFilesPlan(documents, run, '/nowhere/plan.json'))
  expect(error).toMatchObject({exit: 3, message: expect.stringContaining('cannot be saved')})
  expect(out).toEqual([])
})

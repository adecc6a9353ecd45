import {describe, expect, test} from 'vitest'
import {
  goalOf,
  moveOf,
  nameOf,
  rootText,
  type Stage,
  stageOf,
  stages,
} from '../../../../src/features/ca/rotate/istio-stages.ts'
import {sampleRoot} from '../change/samples-ca.ts'
import {cacerts, cas, next, old} from './samples-rotation.ts'

const roots = {old: old.certificate, next: next.certificate}
const both = old.pem + next.pem

describe('the stage of a cluster', () => {
  test.each<[Stage, Record<string, string>]>([
    ['old', cacerts(cas.old, old.pem)],
    ['trust', cacerts(cas.old, both)],
    ['trust', cacerts(cas.old, next.pem + old.pem)],
    ['issue', cacerts(cas.next, `${both}\n`)],
    ['new', cacerts(cas.next, next.pem)],
  ])('%s', (stage, data) => {
    expect(stageOf(data, roots)).toBe(stage)
  })

  test('a cluster with another root or another CA is in none', async () => {
    const other = await sampleRoot('Other')
    const foreign = await other.issue('east')
    for (const data of [
      undefined,
      {},
      cacerts(foreign, other.pem),
      cacerts(foreign, both),
      cacerts(cas.old, both + other.pem),
      cacerts(cas.next, old.pem),
      cacerts(cas.old, next.pem),
      cacerts(cas.old, 'nonsense'),
    ])
      expect(stageOf(data, roots)).toBeUndefined()
    // Without a new root in the folder, both roots are one too many.
    expect(stageOf(cacerts(cas.old, both), {old: old.certificate, next: undefined})).toBeUndefined()
  })
})

describe('root-cert.pem', () => {
  const current: Record<Stage, string> = {old: old.pem, trust: both, issue: `${both}\n`, new: next.pem}
  const steps = stages.flatMap(from => [-1, 1].map(by => [from, stages[stages.indexOf(from) + by]] as const))

  // The last stage is not taken back.
  test.each(steps.filter(([from, to]) => to !== undefined && from !== 'new'))('%s → %s', (from, to) => {
    const text = rootText(to!, current[from], next.pem)
    expect(text).toBe(current[to!])
    // istiod 1.29 and older accepts nothing else.
    expect(text.includes(current[from]) || current[from].includes(text)).toBe(true)
    expect(text).not.toBe(current[from])
  })

  test('a text without a line feed at its end stays as it is', () => {
    const bare = old.pem.trimEnd()
    const text = rootText('trust', bare, next.pem)
    expect(text.startsWith(`${bare}\n`)).toBe(true)
    expect(stageOf(cacerts(cas.old, text), roots)).toBe('trust')
    expect(text).toContain(rootText('old', text, next.pem))
  })

  test('the roots may be in the other order', () => {
    expect(rootText('old', next.pem + old.pem, next.pem)).toBe(old.pem)
    expect(rootText('new', next.pem + old.pem, next.pem)).toBe(next.pem)
  })

  test('a stage that is entered again changes nothing', () => {
    for (const stage of stages) expect(rootText(stage, current[stage], next.pem)).toBe(current[stage])
  })
})

test('a goal names what is trusted, what is not, and who signs', () => {
  expect(goalOf('old', roots.old, roots.next)).toEqual({
    trusted: [roots.old],
    distrusted: [roots.next],
    signer: roots.old,
  })
  expect(goalOf('trust', roots.old, roots.next)).toMatchObject({distrusted: [], signer: roots.old})
  expect(goalOf('issue', roots.old, roots.next)).toMatchObject({distrusted: [], signer: roots.next})
  expect(goalOf('new', roots.old, roots.next)).toEqual({
    trusted: [roots.next],
    distrusted: [roots.old],
    signer: roots.next,
  })
})

describe('what a run changes', () => {
  const forward = (...found: Stage[]) => moveOf(found, {stage: undefined, revert: false})
  const to = (stage: 'trust' | 'issue' | 'finish', ...found: Stage[]) => moveOf(found, {stage, revert: false})
  const back = (...found: Stage[]) => moveOf(found, {stage: undefined, revert: true})

  test('one stage for all clusters that are behind', () => {
    expect(to('trust', 'old', 'old')).toEqual({to: 'trust', members: [0, 1]})
    expect(forward('trust', 'old')).toEqual({to: 'trust', members: [1]})
    expect(forward('trust', 'trust')).toEqual({to: 'issue', members: [0, 1]})
    expect(forward('issue', 'trust')).toEqual({to: 'issue', members: [1]})
    expect(forward('issue', 'issue')).toEqual({to: 'new', members: [0, 1]})
    expect(forward('new', 'issue')).toEqual({to: 'new', members: [1]})
    expect(to('issue', 'issue', 'issue')).toEqual({to: 'issue', members: []})
  })

  test('a change begins only on request, and no stage is skipped', () => {
    expect(forward('old', 'old')).toEqual({problem: expect.stringContaining('--stage trust begins one')})
    expect(to('issue', 'old', 'old')).toEqual({
      problem: 'the stage issue follows the stage trust, which is not complete',
    })
    expect(to('finish', 'trust', 'issue')).toEqual({
      problem: 'the stage finish follows the stage issue, which is not complete',
    })
  })

  test('an end is no error', () => {
    expect(forward('new', 'new')).toEqual({message: 'every cluster has only the new root'})
    expect(to('finish', 'old', 'old')).toEqual({message: 'no change of the root is in progress'})
  })

  test('the last stage is taken back, except the end', () => {
    expect(back('issue', 'trust')).toEqual({to: 'trust', members: [0]})
    expect(back('trust', 'trust')).toEqual({to: 'old', members: [0, 1]})
    expect(back('old')).toEqual({message: 'no change of the root is in progress'})
    expect(back('new', 'issue')).toEqual({problem: expect.stringContaining('can only be completed')})
  })
})

test('users know the last stage as finish', () => {
  expect(stages.map(nameOf)).toEqual(['old', 'trust', 'issue', 'finish'])
})

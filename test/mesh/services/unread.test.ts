import {expect, test} from 'vitest'
import {unreadProblems} from '../../../src/mesh/services/unread.ts'
import {object} from './samples.ts'

const entry = (name: string, revision?: string) =>
  object('ServiceEntry', name, {}, revision === undefined ? {} : {labels: {'istio.io/rev': revision}})
const entries = [entry('a.x.global'), entry('b.x.global', '1-30'), entry('c.x.global', 'default')]

test.each<[string | undefined, string[]]>([
  [undefined, ['ServiceEntry b.x.global is labelled istio.io/rev=1-30: istiod of revision default does not read it']],
  ['1-30', ['ServiceEntry c.x.global is labelled istio.io/rev=default: istiod of revision 1-30 does not read it']],
])('the istiod of revision %s does not read entries of other revisions', (revision, expected) => {
  const problems = unreadProblems(entries, revision)
  expect(problems.map(({message}) => message)).toEqual(expected)
  expect(problems[0]!.hints).toEqual(['export the service again: kubectl mesh service export'])
})

import {expect, test} from 'vitest'
import {blindProblems, unreadProblems} from '../../../src/mesh/services/unread.ts'
import {controlPlane} from '../samples.ts'
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

test('an istiod that does not watch the namespace of the imports ignores them', () => {
  const selecting = {...controlPlane('east'), discoverySelectors: [{matchLabels: {mesh: 'on'}}]}
  const cluster = {context: 'east', controlPlane: selecting}
  expect(blindProblems(cluster, 'istio-system')).toEqual([])
  expect(blindProblems({...cluster, isBlind: true}, 'istio-system')).toEqual([
    {
      message: 'istiod ignores the imports: the labels of namespace istio-system match none of its discoverySelectors',
      hints: ['kubectl --context east label namespace istio-system mesh=on'],
    },
  ])
})

import {expect, test} from 'vitest'
import {answerOf, type Sources} from '../../../src/terminal/completion/values.ts'

const sources: Sources = {
  contexts: async kubeconfig => (kubeconfig === 'other' ? ['stage'] : ['east', 'eu', 'west']),
  namespaces: async ({context}) => ['default', `of-${context}`],
}
const answer = async (valueName: string, prefix: string, options = {}) => {
  const {candidates, directive} = await answerOf(valueName, prefix, options, sources)
  return [candidates.map(candidate => candidate.value), directive]
}

test.each([
  ['CTX', 'e', {}, [['east', 'eu'], 4]],
  ['CTX', '', {kubeconfig: 'other'}, [['stage'], 4]],
  ['CTX,CTX', '', {}, [['east', 'eu', 'west'], 6]],
  ['CTX,CTX', 'east,', {}, [['east,eu', 'east,west'], 6]],
  ['CTX,CTX', 'east,w', {}, [['east,west'], 6]],
  ['CTX,CTX', 'east,eu,', {}, [['east,eu,west'], 4]],
  ['CTX', 'a=other#', {}, [['a=other#stage'], 4]],
  ['CTX,CTX', 'east,a=other#s', {}, [['east,a=other#stage'], 4]],
  ['CTX=NET', 'e', {}, [['east=', 'eu='], 6]],
  ['CTX=NET', 'east=n', {}, [[], 4]],
  ['NS', '', {context: 'east'}, [['default', 'of-east'], 4]],
  ['NAMESPACE', 'd', {}, [['default'], 4]],
  ['FILE', '', {}, [[], 0]],
  ['DIR', '', {}, [[], 16]],
  ['FOLDER', '', {}, [[], 16]],
  ['DURATION', '', {}, [[], 4]],
])('%s with prefix %j after %j', async (valueName, prefix, options, expected) =>
  expect(await answer(valueName, prefix, options)).toEqual(expected),
)

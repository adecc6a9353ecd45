import {expect, test} from 'vitest'
import {answerOf, type Sources} from '../../../src/terminal/completion/values.ts'

const sources: Sources = {
  contexts: async kubeconfig => (kubeconfig === 'other' ? ['stage'] : ['east', 'eu', 'west']),
  namespaces: async ({context}) => ['default', `of-${context}`],
}
const answer = async (valueName: string, begun: string, said = {}) => {
  const {candidates, directive} = await answerOf(valueName, begun, said, sources)
  return [candidates.map(candidate => candidate.value), directive]
}

test.each([
  ['CTX', 'e', {}, [['east', 'eu'], 4]],
  ['CTX', '', {kubeconfig: 'other'}, [['stage'], 4]],
  ['CTX,CTX', '', {}, [['east', 'eu', 'west'], 6]],
  ['CTX,CTX', 'east,', {}, [['east,eu', 'east,west'], 6]],
  ['CTX,CTX', 'east,w', {}, [['east,west'], 6]],
  ['CTX,CTX', 'east,eu,', {}, [['east,eu,west'], 4]],
  ['CTX=NET', 'e', {}, [['east=', 'eu='], 6]],
  ['CTX=NET', 'east=n', {}, [[], 4]],
  ['NS', '', {context: 'east'}, [['default', 'of-east'], 4]],
  ['NAMESPACE', 'd', {}, [['default'], 4]],
  ['FILE', '', {}, [[], 0]],
  ['DIR', '', {}, [[], 16]],
  ['FOLDER', '', {}, [[], 16]],
  ['DURATION', '', {}, [[], 4]],
])('%s, begun as %j, after %j', async (valueName, begun, said, expected) =>
  expect(await answer(valueName, begun, said)).toEqual(expected),
)

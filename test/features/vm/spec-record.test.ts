import {expect, test} from 'vitest'
import {recordDifferences, vmRecordName} from '../../../src/features/vm/spec-record.ts'

test('records of different VMs have different names, all of them valid', () => {
  const pairs = ['a', 'a-b', 'a-b-c', 'b', 'b-c', 'c'].flatMap(namespace =>
    ['a', 'b', 'b-c', 'c', 'a-b-c'].map(name => ({namespace, name})),
  )
  const names = pairs.map(vmRecordName)
  expect(new Set(names).size).toBe(pairs.length)
  expect(vmRecordName({namespace: 'vm', name: 'web'})).toBe('kubectl-mesh-vm-vm-web')
  for (const name of [...names, vmRecordName({namespace: '-'.padStart(63, 'a'), name: 'b'.repeat(63)})])
    expect(name.length).toBeLessThanOrEqual(253)
})

test.each<[string | undefined, string[]]>([
  ['{"name":"web","serviceAccount":"web"}', []],
  ['{"name":"web","serviceAccount":"admin"}', ['serviceAccount is "admin"; registered is "web"']],
  ['{"name":"web"}', ['serviceAccount is not set; registered is "web"']],
  [
    '{"name":"web","serviceAccount":"web","systemNamespace":"team-a"}',
    ['systemNamespace is "team-a"; registered is not set'],
  ],
  ['[]', ['name is not set; registered is "web"', 'serviceAccount is not set; registered is "web"']],
  [undefined, ['name is not set; registered is "web"', 'serviceAccount is not set; registered is "web"']],
  ['{"name":"web","serviceAccount":"web","a\\u001bb":{}}', ['a\\u001bb is {}; registered is not set']],
])('a copy %s differs in %j', (copy, expected) => {
  expect(recordDifferences({name: 'web', serviceAccount: 'web'}, copy)).toEqual(expected)
})

import {expect, test} from 'vitest'
import {describeContent, formatKept} from '../../../../src/features/tenant/remove/report.ts'

test('names the objects that keep a namespace, and how to delete it', () => {
  expect(describeContent(['secret/a'])).toBe('1 object that kubectl-mesh did not create: secret/a')
  expect(
    formatKept([
      {name: 'app-1', reason: undefined, content: ['secret/a', 'widget.example.com/b']},
      {name: 'app-2', reason: 'was not created by kubectl-mesh', content: []},
    ]),
  ).toEqual([
    'warning: namespace app-1 stays, because it contains 2 objects that kubectl-mesh did not create: secret/a, widget.example.com/b',
    'hint:    to delete it too, add --delete-content-of app-1',
    'warning: namespace app-2 stays, because it was not created by kubectl-mesh',
  ])
})

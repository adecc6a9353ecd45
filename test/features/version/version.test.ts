import {expect, test} from 'vitest'
import {type Versions, versionText} from '../../../src/features/version/version.ts'

const versions: Versions = {
  clientVersion: '0.1.0',
  gitCommit: '0123456789abcdef0123456789abcdef01234567',
  commitDate: '2026-11-29T03:40:12.000Z',
  platform: 'linux/x64',
  node: '24.15.0',
  kubectl: 'v1.36.0',
  supportedIstio: {oldest: '1.24', newest: '1.32'},
}

test('all versions', () => {
  expect(versionText(versions)).toBe(`Client Version: 0.1.0
Commit: 0123456789abcdef0123456789abcdef01234567 (2026-11-29T03:40:12.000Z)
Node.js: 24.15.0 (linux/x64)
kubectl: v1.36.0
Supported Istio: 1.24 to 1.32`)
})

test('sources without Git, no kubectl', () => {
  const {gitCommit, commitDate, kubectl, ...others} = versions
  expect(versionText(others).split('\n')).toEqual([
    'Client Version: 0.1.0',
    'Node.js: 24.15.0 (linux/x64)',
    'kubectl: not found on your PATH',
    'Supported Istio: 1.24 to 1.32',
  ])
})

test.each([
  ['v1.25.16', 'kubectl: v1.25.16 (completion of "kubectl mesh" requires 1.26 or newer)'],
  ['v1.26.0', 'kubectl: v1.26.0'],
  ['unknown', 'kubectl: unknown'],
])('kubectl %s', (kubectl, line) => {
  expect(versionText({...versions, kubectl}).split('\n')).toContain(line)
})

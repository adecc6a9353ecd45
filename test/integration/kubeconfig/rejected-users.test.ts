import {spawnSync} from 'node:child_process'
import {expect, it} from 'vitest'
import {fileFor, rejectedClusters, rejectedUsers} from '../../engine/kubeconfig/rejected-users.ts'

const files = [
  ...rejectedUsers.map(([what, user]) => [what, fileFor(user)]),
  ...rejectedClusters.map(([what, cluster]) => [what, fileFor({token: 'x'}, cluster)]),
]

it.each(files)('kubectl rejects %s before it sends a request, as we do', (_, file) => {
  const args = ['--kubeconfig', file!, 'get', '--raw', '/']
  const {status, stderr} = spawnSync('kubectl', args, {encoding: 'utf8'})
  expect(status).toBe(1)
  expect(stderr).not.toContain('was refused')
})

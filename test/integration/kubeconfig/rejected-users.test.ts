import {spawnSync} from 'node:child_process'
import {expect, it} from 'vitest'
import {fileFor, rejectedUsers} from '../../engine/kubeconfig/rejected-users.ts'

it.each(rejectedUsers)('kubectl rejects %s before it sends a request, as we do', (_, user) => {
  const args = ['--kubeconfig', fileFor(user), 'get', '--raw', '/']
  const {status, stderr} = spawnSync('kubectl', args, {encoding: 'utf8'})
  expect(status).toBe(1)
  expect(stderr).not.toContain('was refused')
})

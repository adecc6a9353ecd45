import {expect, test} from 'vitest'
import {ansiblePlay} from '../../../../src/features/vm/bundle/ansible.ts'
import {loadYaml} from '../../../../src/text/yaml.ts'
import {sourceOf} from './support.ts'

test('copies each file with its mode, hides those with a secret from the log, and runs install.sh last', () => {
  const files = {hosts: {text: 'x', mode: 0o644}, 'istio-token': {text: 'secret', mode: 0o600}} as const
  const text = ansiblePlay(sourceOf(), files)
  expect(text).not.toContain('secret')
  const [play] = loadYaml(text) as [{tasks: {name: string; no_log?: boolean; 'ansible.builtin.copy'?: object}[]}]
  expect(play.tasks.map(({name, no_log}) => [name, no_log])).toEqual([
    ['Create the folder for the files', undefined],
    ['Copy hosts', undefined],
    ['Copy istio-token', true],
    ['Run install.sh', undefined],
  ])
  expect(play.tasks[1]!['ansible.builtin.copy']).toMatchObject({dest: '/root/kubectl-mesh-web/hosts', mode: '0644'})
})

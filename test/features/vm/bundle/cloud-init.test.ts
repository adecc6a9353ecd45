import {expect, test} from 'vitest'
import {cloudInit} from '../../../../src/features/vm/bundle/cloud-init.ts'
import {loadYaml} from '../../../../src/text/yaml.ts'
import {sourceOf} from './support.ts'

test('writes the files, closes their folder and runs install.sh', () => {
  const text = cloudInit(sourceOf(), {'install.sh': {text: '#!/bin/sh\n', mode: 0o700}})
  expect(text.split('\n')[0]).toBe('#cloud-config')
  expect(loadYaml(text)).toEqual({
    write_files: [
      {
        path: '/root/kubectl-mesh-web/install.sh',
        owner: 'root:root',
        permissions: '0700',
        content: '#!/bin/sh\n',
      },
    ],
    runcmd: [
      ['chmod', '0700', '/root/kubectl-mesh-web'],
      ['sh', '/root/kubectl-mesh-web/install.sh'],
    ],
  })
})

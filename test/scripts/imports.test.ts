import {expect, test} from 'vitest'
import {wrongImports} from '../../scripts/imports.ts'

const wrong = (file: string, text: string) => wrongImports({[file]: text}).map(({imports, why}) => `${imports}: ${why}`)

test.each([
  [
    'src/manifests/ca.ts',
    "import {x} from '../cluster/cluster.ts'",
    ['../cluster/cluster.ts: src/manifests must not know src/cluster'],
  ],
  [
    'src/manifests/ca.ts',
    "import type {X} from '../cluster/cluster.ts'",
    ['../cluster/cluster.ts: src/manifests must not know src/cluster'],
  ],
  [
    'src/manifests/ca.ts',
    "const x = await import('../plan/plan.ts')",
    ['../plan/plan.ts: src/manifests must not know src/plan'],
  ],
  [
    'src/manifests/ca.ts',
    "export {x} from '../output/diff.ts'",
    ['../output/diff.ts: src/manifests must not know src/output'],
  ],
  ['src/manifests/ca.ts', "import {\n  readFileSync,\n} from 'node:fs'", ['node:fs: src/manifests is pure']],
  [
    'src/istio/x/y.ts',
    "import '../../hooks/a.ts'\nimport 'node:net'",
    ['../../hooks/a.ts: src/istio must not know src/hooks', 'node:net: src/istio is pure'],
  ],
  ['src/specs/a.ts', "import {isIP} from 'node:net'\nimport {dump} from 'js-yaml'", []],
  ['src/specs/a.ts', "import {isIP, connect} from 'node:net'", ['node:net: src/specs is pure']],
  [
    'src/specs/a.ts',
    "import {x} from '../errors.ts'\nimport {y} from './field.ts'\nimport {z} from '../manifests/names.ts'",
    [],
  ],
  ['src/output/a.ts', "import type {Plan} from '../cluster/cluster.ts'", []],
  [
    'src/output/a.ts',
    "import {type Plan} from '../cluster/cluster.ts'",
    ['../cluster/cluster.ts: src/output must not know src/cluster'],
  ],
  ['src/plan/a.ts', "import {x} from '../cluster/cluster.ts'\nimport fs from 'node:fs'", []],
  [
    'src/flows/a.ts',
    "import x from '../commands/federate.ts'",
    ['../commands/federate.ts: src/flows must not know src/commands'],
  ],
  ['src/commands/a/b.ts', "import {x} from '../../flows/a.ts'", []],
  ['src/main.ts', "import {x} from './cluster/errors.ts'", []],
])('%s: %s', (file, text, problems) => expect(wrong(file, text)).toEqual(problems))

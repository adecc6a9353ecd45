import {describe, expect, test} from 'vitest'
import {isPure, wrongImports} from '../../scripts/imports.ts'

function wrong(file: string, text: string): string[] {
  return wrongImports({[file]: text}).map(({imports, why}) => `${imports}: ${why}`)
}

describe('an import upwards or sideways is found', () => {
  test.each([
    [
      'src/engine/plan/a.ts',
      "import {x} from '../../istio/names.ts'",
      ['../../istio/names.ts: engine must not import istio'],
    ],
    [
      'src/engine/plan/a.ts',
      "import type {X} from '../../mesh/a.ts'",
      ['../../mesh/a.ts: engine must not import mesh'],
    ],
    ['src/text/yaml.ts', "export {x} from '../spec/field.ts'", ['../spec/field.ts: text must not import spec']],
    [
      'src/mesh/a.ts',
      "await import('../features/vm/list.ts')",
      ['../features/vm/list.ts: mesh must not import features'],
    ],
    ['src/run/run.ts', "import {x} from '../commands/a.ts'", ['../commands/a.ts: run must not import commands']],
    [
      'src/features/vm/list.ts',
      "import {x} from '../tenant/list.ts'",
      ['../tenant/list.ts: feature vm must not import feature tenant: what both need belongs in mesh/'],
    ],
    ['src/odd/a.ts', "import {x} from '../mesh/a.ts'", ['../mesh/a.ts: odd is in no layer (scripts/layers.ts)']],
    ['src/features/vm/list.ts', "import {x} from './bundle/files.ts'", []],
    ['src/features/vm/list.ts', "import {x} from '../../mesh/members.ts'", []],
    ['src/commands/a/b.ts', "import {x} from '../../features/vm/list.ts'", []],
    ['src/main.ts', "import {x} from './engine/cluster/errors.ts'", []],
    ['test/mesh/a.test.ts', "import {x} from '../../src/features/vm/list.ts'", []],
  ])('%s: %s', (file, text, problems) => expect(wrong(file, text)).toEqual(problems))
})

describe('a pure file does no I/O', () => {
  test.each([
    ['src/istio/a.ts', "import {\n  readFileSync,\n} from 'node:fs'", ['node:fs: a pure file imports it']],
    ['src/features/vm/objects.ts', "import 'node:net'", ['node:net: a pure file imports it']],
    ['src/features/vm/objects-a.ts', "import {connect} from 'node:net'", ['node:net: a pure file imports it']],
    [
      'src/features/vm/checks.ts',
      "import {connect} from '../../engine/cluster/connect.ts'",
      ['../../engine/cluster/connect.ts: a pure file imports a file that does I/O'],
    ],
    ['src/features/vm/checks.ts', "import type {Cluster} from '../../engine/cluster/cluster.ts'", []],
    ['src/features/vm/checks.ts', "import {type A, type B} from '../../engine/cluster/cluster.ts'", []],
    ['src/features/vm/spec.ts', "import {isIP, isIPv4} from 'node:net'", []],
    ['src/features/vm/spec.ts', "import {parse} from 'yaml'", []],
    ['src/features/vm/register.ts', "import {readFile} from 'node:fs/promises'", []],
  ])('%s: %s', (file, text, problems) => expect(wrong(file, text)).toEqual(problems))
})

test.each([
  ['src/features/vm/spec.ts', true],
  ['src/features/vm/spec-texts.ts', true],
  ['src/features/federate/status/report-row.ts', true],
  ['src/features/vm/bundle/install.ts', true],
  ['src/istio/render/set.ts', true],
  ['src/features/vm/read.ts', false],
  ['src/features/vm/register.ts', false],
  ['src/engine/plan/apply.ts', false],
])('%s is pure: %s', (file, expected) => expect(isPure(file)).toBe(expected))

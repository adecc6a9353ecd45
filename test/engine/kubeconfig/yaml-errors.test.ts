import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import {describeYamlError} from '../../../src/engine/kubeconfig/yaml-errors.ts'
import {folderWith} from './folders.ts'

describe('a password that YAML reads as something else', () => {
  it.each([
    ['an alias', '*Hunter2!', /begins with \*/],
    ['a tag', '!Hunter2 x', /begins with !/],
    ['a tag with a handle', '!Hunter2!x y', /begins with !/],
    ['a verbatim tag', '!<Hunter2> x', /begins with !/],
    ['an anchor twice', '&Hunter2 &Hunter2 x', /begins with &/],
    ['an unclosed quote', '"Hunter2', /not valid YAML/],
    ['an escape', '"\\Hunter2"', /not valid YAML/],
    ['an explicit type', '!!int Hunter2', /begins with !/],
  ])('%s is not quoted in the error', (_, password, message) => {
    const config = join(folderWith({config: `users:\n- name: u\n  user:\n    password: ${password}\n`}), 'config')
    let error: Error | undefined
    try {
      loadKubeconfig({kubeconfig: config, env: {}})
    } catch (thrown) {
      error = thrown as Error
    }
    expect(error).toMatchObject({exit: 2, message: expect.stringMatching(message)})
    expect(`${error!.stack} ${JSON.stringify(error)} ${String(error!.cause)}`).not.toContain('unter2')
  })
})

describe('describeYamlError', () => {
  it.each([
    ['bad indentation of a mapping entry', 'bad indentation of a mapping entry'],
    ['a reason of a later version: hunter', 'the syntax is invalid'],
    ['nesting exceeded maxDepth (100)', 'the nesting is too deep'],
  ])('%s', (reason, expected) => expect(describeYamlError(reason)).toBe(expected))
})

describe('limits of a kubeconfig', () => {
  it('rejects aliases that expand without end, and deep nesting', () => {
    const bomb = Array.from({length: 12}, (_, level) =>
      level === 0
        ? 'a0: &a0 [x]'
        : `a${level}: &a${level} [${Array(10)
            .fill(`*a${level - 1}`)
            .join(', ')}]`,
    ).join('\n')
    for (const [content, message] of [
      [bomb, /aliases expand/],
      ['a: &a [*a]', /aliases expand/],
      [`a: ${'['.repeat(5000)}`, /nesting is too deep/],
    ] as const) {
      const kubeconfig = join(folderWith({config: content}), 'config')
      expect(() => loadKubeconfig({kubeconfig, env: {}})).toThrow(
        expect.objectContaining({exit: 2, message: expect.stringMatching(message)}),
      )
    }
  })

  it('rejects a file that is too large', () => {
    const folder = folderWith({config: `# ${'x'.repeat(17 * 1024 * 1024)}`})
    expect(() => loadKubeconfig({kubeconfig: join(folder, 'config'), env: {}})).toThrow(/the limit of/)
  })
})

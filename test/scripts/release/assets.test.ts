import {runInThisContext} from 'node:vm'
import {expect, test} from 'vitest'
import {commonJs} from '../../../scripts/release/assets.ts'

/** Runs a module as the executable does, with a `require` that returns the given modules. */
async function load(code: string, modules: Record<string, object> = {}): Promise<Record<string, unknown>> {
  const parameters = '(module, exports, require, builtin, meta)'
  const run = runInThisContext(`(function ${parameters} {${await commonJs(code)}\n})`)
  const module = {exports: {}}
  run(
    module,
    module.exports,
    (id: string) => modules[id],
    (name: string) => ({name}),
    {url: 'file:///x'},
  )
  return module.exports
}

test('imports, exports, built-in modules and import.meta work in a CommonJS module', async () => {
  const code = `import {a} from './a.js'
    const one = process.getBuiltinModule('node:fs')
    export const later = () => import('./b.js')
    export {a, one}
    export const url = import.meta.url
    export default 7`
  const b = {__esModule: true, b: 2, default: 3}
  const loaded = await load(code, {'./a.js': {a: 1}, './b.js': b})
  expect(loaded).toMatchObject({a: 1, one: {name: 'node:fs'}, url: 'file:///x', default: 7})
  expect(await (loaded.later as () => Promise<object>)()).toMatchObject({b: 2, default: 3})
})

test('the modules contain only ASCII, which the executable reads as Latin-1', async () =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
  expect(await commonJs(`export const text = '→ é'`)).toMatch(/^[\x00-\x7f]*$/))

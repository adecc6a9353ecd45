import {isBuiltin} from 'node:module'
import type {Plugin} from 'esbuild'

/** A path without the folder of the project: the bundle contains names of modules, and must not depend on that folder. */
function inProject(path: string): string {
  return path.replaceAll('\\', '/').replace(/^.*?\/(?=(?:node_modules|src|bench|test)\/)/, '')
}

/**
 * Loads Node's built-in modules with `process.getBuiltinModule`. An `import` would read every export, including those that
 * Node loads on the first access: `node:http` would load fetch, `node:fs` the streams.
 */
export const builtins: Plugin = {
  name: 'builtins',
  setup({onResolve, onLoad}) {
    onResolve({filter: /^[a-z:_0-9]+(\/[a-z]+)*$/}, ({path, importer, kind}) => {
      if (!isBuiltin(path)) return undefined
      // A separate module per importer, so that esbuild does not create shared files for them.
      const namespace = kind === 'require-call' ? 'builtin-cjs' : 'builtin-esm'
      return {path, suffix: `?${inProject(importer)}`, namespace, sideEffects: false}
    })
    onLoad({filter: /^/, namespace: 'builtin-cjs'}, ({path}) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
    }))
    onLoad({filter: /^/, namespace: 'builtin-esm'}, ({path}) => {
      const names = Object.keys(process.getBuiltinModule(path) as object).filter(name => /^[a-z_$][\w$]*$/i.test(name))
      return {
        contents: [
          `const all = process.getBuiltinModule(${JSON.stringify(path)})`,
          'const one = name => all[name]',
          'export default all',
          // Marked as pure, so that esbuild removes the exports that are not imported.
          ...names
            .filter(name => name !== 'default')
            .map(name => `export const ${name} = /* @__PURE__ */ one('${name}')`),
        ].join('\n'),
      }
    })
  },
}

/** Modules that oclif loads at every start, but rarely or never uses if there is a manifest. */
const rarelyUsed: {path: RegExp; importer: RegExp}[] = [
  {path: /^(minimatch|tinyglobby|wrap-ansi)$/, importer: /\/@oclif\/core\//},
  {path: /^\.\.\/help\/index$/, importer: /\/@oclif\/core\/lib\/errors\/handle\.js$/},
]

/** Loads rarely used modules on the first access to one of their exports. */
export const lazily: Plugin = {
  name: 'lazily',
  setup({onResolve, onLoad, resolve}) {
    onResolve({filter: /^/}, async ({path, importer, resolveDir, kind, pluginData}) => {
      const isRarelyUsed = rarelyUsed.some(module => module.path.test(path) && module.importer.test(importer))
      if (!isRarelyUsed || pluginData === lazily) return undefined
      const real = await resolve(path, {importer, kind, resolveDir, pluginData: lazily})
      return {path: inProject(real.path), pluginData: real.path, suffix: `?${inProject(importer)}`, namespace: 'lazily'}
    })
    onLoad({filter: /^/, namespace: 'lazily'}, ({pluginData}) => ({
      contents: `const load = () => require(${JSON.stringify(pluginData)})
        module.exports = new Proxy(function () {}, {
          get: (_, name) => (name === '__esModule' ? undefined : load()[name]),
          apply: (_, self, args) => load().apply(self, args),
        })`,
      resolveDir: '/',
    }))
  },
}

/** Replacements for modules that oclif runs at every start, and whose results the program barely uses. */
const replacements: {path: RegExp; contents: string}[] = [
  {
    // Used for the user agent. oclif's module reads /proc to detect WSL, and starts PowerShell on Windows.
    path: /^\.\.\/util\/os$/,
    contents: `const os = require('node:os')
      exports.getHomeDir = os.homedir
      exports.getPlatform = async () => os.platform()
      exports.getShell = async () => 'unknown'`,
  },
  {
    // Debug output of oclif.
    path: /^debug$/,
    contents: `const silent = () => () => {}
      module.exports = process.env.DEBUG ? require('debug?real') : silent`,
  },
]

/** Replaces modules of oclif. */
export const replacing: Plugin = {
  name: 'replacing',
  setup({onResolve, onLoad, resolve}) {
    onResolve({filter: /^/}, ({path, importer, resolveDir}) => {
      const index = replacements.findIndex(replacement => replacement.path.test(path))
      if (index < 0 || !importer.includes('/@oclif/core/lib/')) return undefined
      return {path: `${index}`, namespace: 'replacement', pluginData: resolveDir}
    })
    onResolve({filter: /^debug\?real$/}, ({resolveDir}) => resolve('debug', {kind: 'require-call', resolveDir}))
    onLoad({filter: /^/, namespace: 'replacement'}, ({path, pluginData}) => ({
      contents: replacements[Number(path)]!.contents,
      resolveDir: pluginData as string,
    }))
  },
}

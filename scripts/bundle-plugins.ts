import {isBuiltin} from 'node:module'
import type {Plugin} from 'esbuild'

/**
 * Takes Node's own modules as `require` does. An `import` of them makes Node touch each thing they export, also what it
 * loads only when it is touched: `node:http` brings a whole fetch with it, `node:fs` the streams.
 */
export const builtins: Plugin = {
  name: 'builtins',
  setup({onResolve, onLoad}) {
    onResolve({filter: /^[a-z:_0-9]+(\/[a-z]+)*$/}, ({path, importer, kind}) => {
      if (!isBuiltin(path)) return undefined
      // One for each importer, so that they are no files of their own.
      const namespace = kind === 'require-call' ? 'builtin-cjs' : 'builtin-esm'
      return {path, suffix: `?${importer}`, namespace, sideEffects: false}
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
          // Pure: what nobody imports is neither touched nor kept.
          ...names
            .filter(name => name !== 'default')
            .map(name => `export const ${name} = /* @__PURE__ */ one('${name}')`),
        ].join('\n'),
      }
    })
  },
}

/** Modules that oclif loads at every start, and that are seldom or never needed once there is a manifest. */
const seldom: {path: RegExp; importer: RegExp}[] = [
  {path: /^(minimatch|tinyglobby|wrap-ansi)$/, importer: /\/@oclif\/core\//},
  {path: /^\.\.\/help\/index$/, importer: /\/@oclif\/core\/lib\/errors\/handle\.js$/},
]

/** Runs these modules when something of theirs is first touched. */
export const lazily: Plugin = {
  name: 'lazily',
  setup({onResolve, onLoad, resolve}) {
    onResolve({filter: /^/}, async ({path, importer, resolveDir, kind, pluginData}) => {
      const isSeldom = seldom.some(module => module.path.test(path) && module.importer.test(importer))
      if (!isSeldom || pluginData === lazily) return undefined
      const real = await resolve(path, {importer, kind, resolveDir, pluginData: lazily})
      return {path: real.path, suffix: `?${importer}`, namespace: 'lazily'}
    })
    onLoad({filter: /^/, namespace: 'lazily'}, ({path}) => ({
      contents: `const load = () => require(${JSON.stringify(path)})
        module.exports = new Proxy(function () {}, {
          get: (_, name) => (name === '__esModule' ? undefined : load()[name]),
          apply: (_, self, args) => load().apply(self, args),
        })`,
      resolveDir: '/',
    }))
  },
}

/** What stands in for modules that oclif runs at every start for next to nothing: what is required, and by what. */
const standIns: {path: RegExp; contents: string}[] = [
  {
    // Words for the user agent. oclif's own looks into /proc for WSL, and on Windows starts a PowerShell to hear its name.
    path: /^\.\.\/util\/os$/,
    contents: `const os = require('node:os')
      exports.getHomeDir = os.homedir
      exports.getPlatform = async () => os.platform()
      exports.getShell = async () => 'unknown'`,
  },
  {
    // oclif's talk to its own developers.
    path: /^debug$/,
    contents: `const silent = () => () => {}
      module.exports = process.env.DEBUG ? require('debug?real') : silent`,
  },
]

/** Puts the stand-ins in their places. */
export const standingIn: Plugin = {
  name: 'standing-in',
  setup({onResolve, onLoad, resolve}) {
    onResolve({filter: /^/}, ({path, importer, resolveDir}) => {
      const index = standIns.findIndex(standIn => standIn.path.test(path))
      if (index < 0 || !importer.includes('/@oclif/core/lib/')) return undefined
      return {path: `${index}`, namespace: 'stand-in', pluginData: resolveDir}
    })
    onResolve({filter: /^debug\?real$/}, ({resolveDir}) => resolve('debug', {kind: 'require-call', resolveDir}))
    onLoad({filter: /^/, namespace: 'stand-in'}, ({path, pluginData}) => ({
      contents: standIns[Number(path)]!.contents,
      resolveDir: pluginData as string,
    }))
  },
}

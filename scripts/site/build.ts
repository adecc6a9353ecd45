/**
 * `npm run docs:site` builds the documentation site in `site/dist` from `docs/` of the working tree and of released versions.
 *
 * `--output DIR` selects another folder, `--base /PATH/` the address of the site on its server, and `--project DIR` the
 * folder whose documentation is built.
 */
import {execFileSync} from 'node:child_process'
import {existsSync, mkdtempSync, rmSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {parseArgs} from 'node:util'
import {stageSite} from './stage-site.ts'
import {completeVersionLinks} from './version-links.ts'

const root = join(import.meta.dirname, '../..')
const generator = join(root, 'site')
const {values} = parseArgs({
  options: {
    output: {type: 'string', default: join(generator, 'dist')},
    base: {type: 'string', default: '/'},
    project: {type: 'string', default: root},
  },
})

const stage = mkdtempSync(join(tmpdir(), 'kubectl-mesh-site-'))
try {
  const {versions, dropped} = stageSite(values.project, stage)
  for (const link of dropped) process.stderr.write(`not on the site, without a link: ${link}\n`)
  install()
  const output = resolve(values.output)
  rmSync(output, {recursive: true, force: true})
  execFileSync(process.execPath, [join(generator, 'node_modules/@rspress/core/bin/rspress.js'), 'build'], {
    cwd: generator,
    env: {...process.env, SITE_STAGE: stage, SITE_OUTPUT: output, SITE_BASE: values.base, NODE_ENV: 'production'},
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  completeVersionLinks(output, values.base)
  process.stdout.write(`${output}: ${versions.join(', ')}\n`)
} finally {
  rmSync(stage, {recursive: true, force: true})
}

/** The generator is not among the dependencies of the project, so that `npm ci` stays fast. */
function install(): void {
  const [lock, installed] = ['package-lock.json', 'node_modules/.package-lock.json'].map(file => join(generator, file))
  if (existsSync(installed!) && statSync(lock!).mtimeMs <= statSync(installed!).mtimeMs) return
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--prefix', generator], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

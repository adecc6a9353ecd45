import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {defineConfig} from '@rspress/core'

// `scripts/site/build.ts` sets these. It writes the pages, and site.json beside them.
const {SITE_STAGE: stage = '', SITE_OUTPUT: outDir, SITE_BASE: base = '/'} = process.env
const site = JSON.parse(readFileSync(join(stage, 'site.json'), 'utf8'))

/**
 * Corrects the menu of versions of Rspress 2.0.22: on a page of the default version, the link to that version lacked the first folder of
 * its path.
 */
function correctedMenu(code: string): string {
  const corrected = code.replace(
    /(if \((version\.current !== version\.default)\) parts\.shift\(\);\s*\} else) parts\.shift/,
    '$1 if ($2) parts.shift',
  )
  if (corrected === code) throw new Error('the menu of versions of Rspress has changed: check its links')
  return corrected
}

export default defineConfig({
  root: join(stage, 'pages'),
  outDir,
  base,
  lang: 'en',
  title: 'kubectl-mesh',
  description: site.description,
  icon: '/icon.svg',
  logo: '/icon.svg',
  logoText: 'kubectl-mesh',
  multiVersion: {default: site.default, versions: site.versions},
  search: {versioned: true, codeBlocks: true},
  globalStyles: join(import.meta.dirname, 'styles.css'),
  markdown: {
    // Files that are no pages, copied as they are.
    link: {checkDeadLinks: {excludes: url => url.startsWith('/files/')}, checkAnchors: true},
  },
  builderConfig: {
    // The script empties the folder.
    output: {cleanDistPath: false},
    plugins: [
      {
        name: 'versions-menu',
        setup: api => api.transform({test: /[\\/]components[\\/]Nav[\\/]hooks\.js$/}, ({code}) => correctedMenu(code)),
      },
    ],
  },
  themeConfig: {sidebar: site.sidebar, footer: {message: 'Apache License 2.0'}},
})

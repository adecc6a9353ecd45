import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {defineConfig} from '@rspress/core'

// `scripts/site/build.ts` sets these. It writes the pages, and site.json beside them.
const {SITE_STAGE: stage = '', SITE_OUTPUT: outDir, SITE_BASE: base = '/'} = process.env
const site = JSON.parse(readFileSync(join(stage, 'site.json'), 'utf8'))

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
  // The script empties the folder.
  builderConfig: {output: {cleanDistPath: false}},
  themeConfig: {sidebar: site.sidebar, footer: {message: 'Apache License 2.0'}},
})

import {execFileSync} from 'node:child_process'
import {cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join, posix} from 'node:path'
import {sitePath, sources} from './pages.ts'
import {sidebar} from './sidebar.ts'
import {type StagedVersion, stageVersion} from './stage.ts'
import {defaultVersion, type SiteVersion, siteVersions} from './versions.ts'

/** What `stageSite` wrote. */
export interface StagedSite {
  /** Names of the versions, the default first. */
  versions: string[]
  /** Links of the working tree to files that are not on the site. */
  dropped: string[]
}

/** The page without which a version has no site. Versions before 0.2.0 do not have it. */
const firstPage = 'docs/README.md'

/**
 * Writes what the generator reads: `pages/VERSION/…`, `pages/public/…` and `site.json`.
 *
 * @param root folder of the project
 * @param stage an empty folder
 */
export function stageSite(root: string, stage: string): StagedSite {
  const versions = siteVersions(siteTags(root))
  const first = defaultVersion(versions)
  const pages = join(stage, 'pages')
  const staged = new Map(versions.map(version => [version.name, stageOne(root, version, pages)]))
  const routes = new Map([...staged].map(([name, {titles}]) => [name, [...titles.keys()].map(path => sitePath(path)!)]))
  addMissing(routes, pages)
  const prefixOf = (name: string) => (name === first ? '' : `/${name}`)
  const site = {
    default: first,
    versions: versions.map(({name}) => name),
    description: JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).description,
    sidebar: Object.fromEntries(
      [...staged].map(([name, {titles}]) => [prefixOf(name) || '/', sidebar(titles, prefixOf(name))]),
    ),
  }
  writeFileSync(join(stage, 'site.json'), JSON.stringify(site))
  mkdirSync(join(pages, 'public'), {recursive: true})
  cpSync(join(root, 'site/icon.svg'), join(pages, 'public/icon.svg'))
  return {versions: [first, ...site.versions.filter(name => name !== first)], dropped: staged.get('next')!.dropped}
}

/** Writes a page for each one that only other versions have: the menu of versions leads to the same page of another version. */
function addMissing(routes: ReadonlyMap<string, readonly string[]>, pages: string): void {
  const all = new Set([...routes.values()].flat())
  for (const [name, existing] of routes)
    for (const path of all) {
      if (existing.includes(path)) continue
      const file = join(pages, name, path)
      const home = posix.relative(posix.dirname(path), 'index.md')
      mkdirSync(dirname(file), {recursive: true})
      writeFileSync(
        file,
        `---\nsearch: false\n---\n\n# ${path.replace(/\.md$/, '')} is not in ${name}\n\n[Documentation of ${name}](./${home})\n`,
      )
    }
}

function stageOne(root: string, {name, tag}: SiteVersion, pages: string): StagedVersion {
  if (tag === undefined) return stageVersion(root, name, pages)
  const folder = mkdtempSync(join(pages, '..', 'tag-'))
  try {
    const paths = git(root, ['ls-tree', '--name-only', tag, '--', ...sources])
      .split('\n')
      .filter(Boolean)
    const archive = execFileSync('git', ['archive', tag, '--', ...paths], {cwd: root, maxBuffer: 2 ** 28})
    execFileSync('tar', ['x', '-C', folder], {input: archive})
    return stageVersion(folder, name, pages)
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
}

/** Tags whose trees have a site. */
function siteTags(root: string): string[] {
  const tags = git(root, ['tag', '--list', 'v*']).split('\n').filter(Boolean)
  return tags.filter(tag => git(root, ['ls-tree', '--name-only', tag, '--', firstPage]) !== '')
}

/** Without Git, or outside a repository, the site has only the version of the working tree. */
function git(root: string, words: readonly string[]): string {
  try {
    return execFileSync('git', words, {cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']})
  } catch {
    return ''
  }
}

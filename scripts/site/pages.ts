import {posix} from 'node:path'

/** A group of the sidebar. */
interface Section {
  title: string
  /** Pages and folders of pages, by their paths in the project. A folder becomes a group that can be opened. */
  entries: readonly string[]
}

/** The sidebar. An entry that a version does not have is left out; a page without an entry is on the site, but only links lead to it. */
export const sections: readonly Section[] = [
  {
    title: 'Start',
    entries: ['docs/README.md', 'docs/getting-started.md', 'docs/install.md', 'docs/concepts.md', 'docs/faq.md'],
  },
  {title: 'Recipes', entries: ['docs/recipes']},
  {
    title: 'Operate',
    entries: [
      'docs/troubleshooting.md',
      'docs/upgrade.md',
      'docs/capacity.md',
      'docs/review.md',
      'docs/pictures.md',
      'docs/security.md',
    ],
  },
  {
    title: 'Reference',
    entries: [
      'docs/commands',
      'docs/checks',
      'docs/mesh-file.md',
      'docs/output.md',
      'docs/compatibility.md',
      'docs/comparison.md',
      'CHANGELOG.md',
    ],
  },
  {
    title: 'Develop',
    entries: [
      'CONTRIBUTING.md',
      'docs/design.md',
      'docs/decisions.md',
      'docs/style.md',
      'bench/README.md',
      'test/lab/README.md',
      'SECURITY.md',
    ],
  },
]

/** Pages outside `docs/`. */
const outside: Readonly<Record<string, string>> = {
  'CHANGELOG.md': 'project/changelog.md',
  'CONTRIBUTING.md': 'project/contributing.md',
  'SECURITY.md': 'project/reporting.md',
  'bench/README.md': 'project/measurements.md',
  'test/lab/README.md': 'project/lab.md',
}

/** The files and folders of the project that the site needs. */
export const sources: readonly string[] = ['docs', ...Object.keys(outside)]

/**
 * The path of a page on the site, below the folder of its version.
 *
 * @param path of a file in the project
 * @returns undefined if the file is not a page of the site
 */
export function sitePath(path: string): string | undefined {
  if (path in outside) return outside[path]
  if (!path.startsWith('docs/') || !path.endsWith('.md')) return undefined
  const below = path.slice('docs/'.length)
  return posix.basename(below) === 'README.md' ? posix.join(posix.dirname(below), 'index.md') : below
}

/** The address of a page below that of its version: `recipes/vm.md` → `/recipes/vm`. */
export function routeOf(site: string): string {
  return `/${site.replace(/(^|\/)index\.md$/, '$1').replace(/\.md$/, '')}`
}

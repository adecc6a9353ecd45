import {execFileSync} from 'node:child_process'
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {deadLinks} from '../../../scripts/site/dead-links.ts'
import {markdownLinks} from '../../../scripts/site/links.ts'
import {stageSite} from '../../../scripts/site/stage-site.ts'
import {completeVersionLinks} from '../../../scripts/site/version-links.ts'
import {defaultVersion, siteVersions} from '../../../scripts/site/versions.ts'

let root: string
let stage: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kubectl-mesh-site-test-'))
  stage = mkdtempSync(join(tmpdir(), 'kubectl-mesh-site-test-'))
})
afterEach(() => {
  for (const folder of [root, stage]) rmSync(folder, {recursive: true, force: true})
})

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), {recursive: true})
    writeFileSync(join(root, path), text)
  }
}

describe('links', () => {
  test('code contains no links', () => {
    const text = 'See [a](a.md).\n\n    [b](b.md)\n\n`[c](c.md)`\n\n```\n[d](d.md)\n```\n\n![e](e.svg)\n'
    expect(markdownLinks(text).map(({url, picture, line}) => [url, picture, line])).toEqual([
      ['a.md', false, 1],
      ['e.svg', true, 11],
    ])
  })

  test('files, folders and headings that do not exist are dead', () => {
    write({
      'README.md':
        '[ok](docs/a.md#a-code-heading) [no](docs/b.md) [anchor](docs/a.md#other) [out](../x.md)\n[site](https://x.test)',
      'docs/a.md':
        '# Title\n\n## A `code` heading\n\n[up](../README.md) [here](#title) [folder](../docs) ![p](p.svg)\n',
    })
    expect(
      deadLinks(root, ['README.md', 'docs/a.md']).map(({page, url, problem}) => `${page} ${url}: ${problem}`),
    ).toEqual([
      'README.md docs/b.md: docs/b.md does not exist',
      'README.md docs/a.md#other: docs/a.md has no heading #other',
      'README.md ../x.md: outside the project',
      'docs/a.md p.svg: docs/p.svg does not exist',
    ])
  })
})

describe('versions', () => {
  test('the working tree, and the newest patch of the last five minor versions', () => {
    const tags = ['v0.2.0', 'v0.10.1', 'v0.9.0', 'v0.10.0', 'v1.0.0-rc.1', 'v0.3.0', 'v0.4.0', 'v0.5.0', 'other']
    const versions = siteVersions(tags)
    expect(versions.map(({name, tag}) => [name, tag])).toEqual([
      ['next', undefined],
      ['v0.10', 'v0.10.1'],
      ['v0.9', 'v0.9.0'],
      ['v0.5', 'v0.5.0'],
      ['v0.4', 'v0.4.0'],
      ['v0.3', 'v0.3.0'],
    ])
    expect(defaultVersion(versions)).toBe('v0.10')
    expect(defaultVersion(siteVersions([]))).toBe('next')
  })
})

describe('staging', () => {
  const pages = {
    'package.json': '{"description": "about"}',
    'site/icon.svg': '<svg/>',
    'docs/README.md':
      '# Home\n\n[recipe](recipes/vm.md#run) [log](../CHANGELOG.md) [src](../src/a.ts) [page](pictures/mesh.html)\n',
    'docs/recipes/vm.md': '# VM `vm`\n\n## Run\n\n[home](../README.md) ![picture](../pictures/mesh.svg)\n',
    'docs/pictures/mesh.svg': '<svg/>',
    'docs/pictures/mesh.html': '<p>',
    'CHANGELOG.md': '# Changelog\n',
  }
  const staged = (path: string) => readFileSync(join(stage, 'pages', path), 'utf8')
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...words], {cwd: root, stdio: 'ignore'})

  test('links lead to pages of the site; links to other files lose their destination and are reported', () => {
    write(pages)
    expect(stageSite(root, stage)).toEqual({versions: ['next'], dropped: ['docs/README.md: ../src/a.ts']})
    expect(staged('next/index.md')).toContain(
      '[recipe](./recipes/vm.md#run) [log](./project/changelog.md) src [page](/files/next/docs/pictures/mesh.html)',
    )
    expect(staged('next/recipes/vm.md')).toContain('[home](../index.md) ![picture](../pictures/mesh.svg)')
    expect(existsSync(join(stage, 'pages/next/pictures/mesh.svg'))).toBe(true)
    expect(existsSync(join(stage, 'pages/public/files/next/docs/pictures/mesh.html'))).toBe(true)
    const {sidebar} = JSON.parse(readFileSync(join(stage, 'site.json'), 'utf8'))
    expect(sidebar['/'][0].items).toEqual([{text: 'Home', link: '/'}])
    expect(sidebar['/'][1].items[0].items).toEqual([{text: 'VM vm', link: '/recipes/vm'}])
  })

  test('a released version has the pages of its tag; a tag without a home page is left out', () => {
    write({...pages, 'docs/README.md': '# Old home\n'})
    git('init', '-q')
    git('add', 'package.json')
    git('commit', '-qm', 'before the site')
    git('tag', 'v0.1.0')
    git('add', '-A')
    git('commit', '-qm', 'site')
    git('tag', 'v0.2.0')
    write(pages)
    expect(stageSite(root, stage).versions).toEqual(['v0.2', 'next'])
    expect(staged('v0.2/index.md')).toBe('# Old home\n')
    expect(staged('next/index.md')).toContain('# Home')
    const {sidebar} = JSON.parse(readFileSync(join(stage, 'site.json'), 'utf8'))
    expect(Object.keys(sidebar).sort()).toEqual(['/', '/next'])
    expect(sidebar['/next'][0].items).toEqual([{text: 'Home', link: '/next/'}])
  })
})

test('the links of the menu of versions get the extension of the page', () => {
  write({
    'next/a.html':
      '<a href="/x/a" class="rp-hover-group__item__link"><a href="/x/b" class="rp-hover-group__item__link"><a href="/x/a" class="other">',
    'a.html': '',
  })
  completeVersionLinks(root, '/x/')
  expect(readFileSync(join(root, 'next/a.html'), 'utf8')).toBe(
    '<a href="/x/a.html" class="rp-hover-group__item__link"><a href="/x/b" class="rp-hover-group__item__link"><a href="/x/a" class="other">',
  )
})

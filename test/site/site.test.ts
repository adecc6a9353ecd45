import {existsSync} from 'node:fs'
import {join} from 'node:path'
import type {Page} from 'puppeteer-core'
import {afterAll, beforeAll, describe, expect, inject, test} from 'vitest'
import {type RunningBrowser, startBrowser} from '../support/browser.ts'
import {openPage, type SeenPage, seePages, sitePages} from './pages.ts'
import {serveFolder} from './serve.ts'

const folder = inject('site')
let chromium: RunningBrowser
let server: {origin: string; stop: () => void}
let seen: SeenPage[]

beforeAll(async () => {
  chromium = await startBrowser()
  server = await serveFolder(folder)
  const pages = sitePages(folder)
  const isNext = (path: string) => path.startsWith('/next/')
  // The others only show that the release does not have a page.
  const others = pages.filter(path => !isNext(path)).slice(0, 5)
  seen = await seePages(chromium.browser, server.origin, [...pages.filter(isNext), ...others])
})
afterAll(async () => {
  await chromium?.close()
  server?.stop()
})

/** Lines for the pages on which something was found. */
function found(of: (page: SeenPage) => string[]): string[] {
  return seen.flatMap(page => of(page).map(problem => `${page.path}: ${problem}`))
}

describe('all pages', () => {
  test('there are pages of every kind', () => {
    const paths = seen.map(({path}) => path)
    for (const path of [
      '/next/index.html',
      '/next/getting-started.html',
      '/next/commands/federate.html',
      '/next/recipes/vm.html',
      '/next/project/changelog.html',
    ])
      expect(paths).toContain(path)
    expect(paths.length).toBeGreaterThan(70)
  })

  test('no error, no warning, no request to another place', () => expect(found(({problems}) => problems)).toEqual([]))

  test('nothing is wider than a phone of 375 pixels', () => {
    expect(found(({overflow}) => (overflow > 0 ? [`${overflow} px too wide`] : []))).toEqual([])
  })

  test('every page has its own title', () => {
    const titles = seen.filter(({path}) => path.startsWith('/next/')).map(({title}) => title)
    expect([...new Set(titles)].sort()).toEqual(titles.sort())
  })

  test('no link is dead', () => {
    const ids = new Map(seen.map(page => [page.path, new Set(page.ids)]))
    const isDead = (url: string) => {
      const {origin, pathname, hash} = new URL(url)
      if (origin !== server.origin) return false
      const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname
      if (!existsSync(join(folder, path))) return true
      return hash !== '' && ids.has(path) && !ids.get(path)!.has(decodeURIComponent(hash.slice(1)))
    }
    expect(seen.reduce((sum, {links}) => sum + links.length, 0)).toBeGreaterThan(3000)
    expect(found(({links}) => links.filter(isDead))).toEqual([])
  })
})

describe.each([
  ['a desktop', {width: 1440, height: 900}],
  ['a phone', {width: 375, height: 667, isMobile: true, hasTouch: true}],
])('on %s', (_name, viewport) => {
  let page: Page
  let problems: string[]
  beforeAll(async () => {
    ;({page, problems} = await openPage(chromium.browser, server.origin))
    await page.setViewport(viewport)
    await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: 'light'}])
  })
  afterAll(() => page?.close())

  const click = (selector: string) =>
    page.evaluate(
      `[...document.querySelectorAll(${JSON.stringify(selector)})].find(one => one.getClientRects().length > 0).click()`,
    )

  test.each([
    ['rotate', 'recipes/rotate'],
    ['loopback', ''],
    ['cacerts', ''],
    ['telemetry', 'faq'],
  ])('the search finds %s, without a request to another place', async (word, answer) => {
    await page.goto(`${server.origin}/next/index.html`, {waitUntil: 'load'})
    await click('.rp-search-button, .rp-search-button--mobile')
    await page.waitForSelector('.rp-search-panel__input')
    await page.type('.rp-search-panel__input', word)
    await page.waitForSelector(`.rp-search-panel__results a[href*="/next/${answer}"]`)
    const results = (await page.evaluate(
      `[...document.querySelectorAll('.rp-search-panel__results a[href]')].map(one => new URL(one.href).pathname)`,
    )) as string[]
    expect(results.length).toBeGreaterThan(0)
    // Results have no extension: the site opens them without a request.
    expect(
      results.filter(path => !existsSync(join(folder, `${path}.html`)) && !existsSync(join(folder, path))),
    ).toEqual([])
  })

  test('a code block has a button that copies it', async () => {
    await chromium.browser
      .defaultBrowserContext()
      .overridePermissions(server.origin, ['clipboard-read', 'clipboard-write', 'clipboard-sanitized-write'])
    await page.goto(`${server.origin}/next/recipes/tenant.html`, {waitUntil: 'load'})
    await page.evaluate(`navigator.clipboard.writeText = text => { window.copied = text; return Promise.resolve() }`)
    await page.evaluate(`document.querySelector('.rp-code-copy-button').click()`)
    await page.waitForFunction('window.copied !== undefined')
    expect(await page.evaluate('window.copied')).toContain('kubectl mesh tenant add usergroup-1')
  })

  test('light and dark follow the system', async () => {
    await page.goto(`${server.origin}/next/index.html`, {waitUntil: 'load'})
    const background = async (value: string) => {
      await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value}])
      await page.reload({waitUntil: 'load'})
      return page.evaluate(
        `getComputedStyle(document.documentElement).colorScheme + getComputedStyle(document.body).backgroundColor`,
      )
    }
    const light = await background('light')
    expect(light).toContain('light')
    expect(await background('dark')).toContain('dark')
    await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: 'light'}])
  })

  test('no error, and no request to another place', () => expect(problems).toEqual([]))
})

test('the menu lists the versions, and each has its own pages', async () => {
  const {page, problems} = await openPage(chromium.browser, server.origin)
  await page.setViewport({width: 1440, height: 900})
  for (const [path, version] of [
    ['/index.html', 'v0.8'],
    ['/next/index.html', 'next'],
  ]) {
    await page.goto(server.origin + path, {waitUntil: 'load'})
    expect(await page.evaluate('document.body.innerText'), path).toContain(version)
    const links = (await page.evaluate(
      `[...document.querySelectorAll('aside a[href], [class*=sidebar] a[href]')].map(one => one.pathname)`,
    )) as string[]
    expect(links.length).toBeGreaterThan(0)
    expect(links.filter(link => link.startsWith('/next') !== (version === 'next'))).toEqual([])
  }
  expect(problems).toEqual([])
})

import {globSync} from 'node:fs'
import type {Browser, Page} from 'puppeteer-core'

/** A page of the site, as a browser shows it. */
export interface SeenPage {
  /** Its address below the origin. */
  path: string
  /** Addresses of its links and pictures. */
  links: string[]
  /** IDs of its elements, which links can refer to. */
  ids: string[]
  title: string
  /** By how many pixels it is wider than the screen. */
  overflow: number
  /** Errors, warnings, failed requests, and requests to other places. */
  problems: string[]
}

/** The addresses of the pages of a built site, without the page for errors. */
export function sitePages(folder: string): string[] {
  return globSync('**/*.html', {cwd: folder})
    .filter(path => path !== '404.html' && !path.startsWith('files/'))
    .map(path => `/${path}`)
    .sort()
}

/** Opens a new page that records its problems. */
export async function openPage(browser: Browser, origin: string): Promise<{page: Page; problems: string[]}> {
  const page = await browser.newPage()
  // on a busy machine
  page.setDefaultTimeout(120_000)
  const problems: string[] = []
  page.on('request', request => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:'))
      problems.push(`request ${request.url()}`)
  })
  page.on('response', response => {
    if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`)
  })
  page.on('requestfailed', request => problems.push(`failed ${request.url()}`))
  page.on('console', message => {
    if (['error', 'warn'].includes(message.type())) problems.push(`${message.type()} ${message.text()}`)
  })
  page.on('pageerror', error => problems.push(`error ${String(error)}`))
  return {page, problems}
}

/** Visits pages one after the other on a phone, 375 pixels wide, in a dark theme. */
export async function seePages(browser: Browser, origin: string, paths: readonly string[]): Promise<SeenPage[]> {
  const {page, problems} = await openPage(browser, origin)
  await page.setViewport({width: 375, height: 667, isMobile: true, hasTouch: true})
  await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: 'dark'}])
  const seen: SeenPage[] = []
  for (const path of paths) {
    await page.goto(origin + path, {waitUntil: 'load'})
    const found = (await page.evaluate(`({
      links: [...document.querySelectorAll('a[href], img[src]')].map(one => one.href ?? one.src),
      ids: [...document.querySelectorAll('[id]')].map(one => one.id),
      title: document.title,
      overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    })`)) as Pick<SeenPage, 'links' | 'ids' | 'title' | 'overflow'>
    seen.push({path, ...found, problems: problems.splice(0)})
  }
  await page.close()
  return seen
}

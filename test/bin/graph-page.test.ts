import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Page} from 'puppeteer-core'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {formatGraph} from '../../src/features/graph/graph.ts'
import type {Graph} from '../../src/features/graph/report-types.ts'
import {graph, hostileGraph} from '../features/graph/samples.ts'
import {type RunningBrowser, startBrowser} from '../support/browser.ts'

const screens = {
  desktop: {width: 1280, height: 800},
  phone: {width: 390, height: 844, isMobile: true, hasTouch: true, deviceScaleFactor: 2},
}

let chromium: RunningBrowser
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-page-'))
  chromium = await startBrowser()
}, 60_000)
afterAll(async () => {
  await chromium?.close()
  await rm(folder, {recursive: true, force: true})
})

/** Opens the page of a graph. `problems` collects requests to other places, errors and dialogs. */
async function open(of: Graph, screen: keyof typeof screens): Promise<{page: Page; problems: string[]}> {
  const file = join(folder, `${screen}.html`)
  await writeFile(file, await formatGraph(of, 'html'))
  const page = await chromium.browser.newPage()
  const problems: string[] = []
  page.on('request', request => {
    if (request.url() !== `file://${file}` && request.url() !== 'data:,') problems.push(`request ${request.url()}`)
  })
  page.on('console', message => problems.push(`console ${message.text()}`))
  page.on('pageerror', error => problems.push(`error ${String(error)}`))
  page.on('dialog', async dialog => {
    problems.push(`dialog ${dialog.message()}`)
    await dialog.dismiss()
  })
  await page.setViewport(screens[screen])
  await page.goto(`file://${file}`)
  return {page, problems}
}

const value = <T>(page: Page, expression: string) => page.evaluate(expression) as Promise<T>
const viewBox = async (page: Page) =>
  (await value<string>(page, `document.getElementById('picture').getAttribute('viewBox')`)).split(' ').map(Number)
const openSections = (page: Page) =>
  value<string[]>(
    page,
    `[...document.querySelectorAll('#details:not([hidden]) section:not([hidden]) h2')].map(one => one.textContent)`,
  )
const dimmed = (page: Page, kind: string) => value<number>(page, `document.querySelectorAll('.${kind}.dim').length`)

describe.each(Object.keys(screens) as (keyof typeof screens)[])('on a %s', screen => {
  let page: Page
  let problems: string[]
  beforeAll(async () => {
    ;({page, problems} = await open(graph(), screen))
  }, 60_000)
  afterAll(() => page?.close())

  test('everything fits the screen, and the picture has most of it', async () => {
    const [width, scroll, area] = await value<number[]>(
      page,
      `(() => {
        const {width, height} = document.getElementById('picture').getBoundingClientRect()
        return [innerWidth, document.documentElement.scrollWidth, width * height / (innerWidth * innerHeight)]
      })()`,
    )
    expect(scroll).toBeLessThanOrEqual(width!)
    expect(area).toBeGreaterThan(0.6)
  })

  test('a tap on a node shows its details; Escape hides them', async () => {
    const tap = (selector: string) => (screen === 'phone' ? page.tap(selector) : page.click(selector))
    await tap('[data-node="c1"] > rect')
    expect(await openSections(page)).toEqual(['west  1.31.0'])
    expect(await value(page, `document.getElementById('details').innerText`)).toContain(
      'gateway-pods: Deployment istio-eastwestgateway has no available pod',
    )
    await page.keyboard.press('Escape')
    expect(await openSections(page)).toEqual([])
    await value(page, `document.querySelector('[data-node="c2"]').focus()`)
    await page.keyboard.press('Enter')
    expect(await openSections(page)).toEqual(['south'])
    await tap('#close')
    expect(await openSections(page)).toEqual([])
  })

  test('the filter dims what does not match', async () => {
    await page.type('#filter', '203.0.113.11')
    expect(await value(page, `document.getElementById('count').textContent`)).toBe('1 of 4')
    expect([await dimmed(page, 'node'), await dimmed(page, 'edge')]).toEqual([3, 6])
    await value(page, `document.getElementById('filter').value = ''`)
    await page.type('#filter', ' ')
    expect([await dimmed(page, 'node'), await dimmed(page, 'edge')]).toEqual([0, 0])
  })

  test('zoom and pan change the view, and Fit restores it', async () => {
    const home = await viewBox(page)
    await page.click('#in')
    const near = await viewBox(page)
    expect(near[2]).toBeCloseTo(home[2]! * 0.8)
    const [x, y] = [screens[screen].width / 2, screens[screen].height / 2]
    if (screen === 'phone') {
      await page.touchscreen.touchStart(x, y)
      await page.touchscreen.touchMove(x + 60, y + 40)
      await page.touchscreen.touchEnd()
    } else {
      await page.mouse.move(x, y)
      await page.mouse.down()
      await page.mouse.move(x + 60, y + 40)
      await page.mouse.up()
    }
    const moved = await viewBox(page)
    expect(moved[0]).toBeLessThan(near[0]!)
    expect(moved[1]).toBeLessThan(near[1]!)
    expect(await openSections(page)).toEqual([])
    if (screen === 'desktop') {
      await page.mouse.wheel({deltaY: 200})
      await expect.poll(async () => (await viewBox(page))[2], {timeout: 30_000}).toBeGreaterThan(moved[2]!)
    }
    await page.click('#fit')
    expect(await viewBox(page)).toEqual(home)
  })

  test('light and dark follow the system', async () => {
    const colors = async (scheme: string) => {
      await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: scheme}])
      return value<string[]>(
        page,
        `[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('.node .title')).fill]`,
      )
    }
    expect(await colors('light')).toEqual(['rgb(255, 255, 255)', 'rgb(31, 35, 40)'])
    expect(await colors('dark')).toEqual(['rgb(13, 17, 23)', 'rgb(230, 237, 243)'])
  })

  test('no request, no error, and nothing that the policy refuses', () => {
    expect(problems).toEqual([])
  })
})

test('text of a cluster runs no script and adds no element', async () => {
  for (const text of [
    '</script><script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '</svg><iframe src=//x.test>',
  ]) {
    const {page, problems} = await open(hostileGraph(text), 'desktop')
    expect(await value(page, `document.querySelectorAll('img, iframe, script').length`)).toBe(1)
    expect(await value(page, `document.getElementById('picture').textContent`)).toContain(text.slice(0, 12))
    expect(problems).toEqual([])
    await page.close()
  }
})

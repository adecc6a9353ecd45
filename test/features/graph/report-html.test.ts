import {createHash} from 'node:crypto'
import {expect, test} from 'vitest'
import {layOut} from '../../../src/features/graph/layout.ts'
import {drawingOf} from '../../../src/features/graph/report-drawing.ts'
import {formatHtml} from '../../../src/features/graph/report-html.ts'
import type {Graph} from '../../../src/features/graph/report-types.ts'
import {expectGolden} from '../../support/golden.ts'
import {graph} from './samples.ts'

async function page(of: Graph = graph()): Promise<string> {
  const drawing = drawingOf(of)
  return formatHtml(of, drawing, await layOut(drawing))
}

test('a page', async () => {
  await expectGolden('graph/mesh.html', await page())
})

test('the policy permits the script and the style of the page, and nothing else', async () => {
  const html = await page()
  const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html) ?? []
  const hashOf = (tag: string) => {
    const bodies = [...html.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))].map(([, body]) => body!)
    expect(bodies).toHaveLength(1)
    return `'sha256-${createHash('sha256').update(bodies[0]!).digest('base64')}'`
  }
  expect(policy).toBe(
    `default-src 'none'; style-src ${hashOf('style')}; script-src ${hashOf('script')}; img-src data:; base-uri 'none'; form-action 'none'`,
  )
  expect(html).not.toMatch(/ (on\w+|style)=/)
})

test('no address leads out of the page', async () => {
  const html = await page()
  expect([...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, target]) => target)).toEqual(['data:,'])
  expect(html.match(/https?:\/\/[^"' ]+/g)).toEqual(['http://www.w3.org/2000/svg'])
})

test('details are complete, also where a box is shortened', async () => {
  const all = graph()
  const vms = Array.from({length: 9}, (_, at) => ({
    ...{name: `vm-${at}`, namespace: 'vm', address: null, health: 'unknown', connected: null},
  }))
  const exports = Array.from({length: 12}, (_, at) => ({
    service: `s${at}.a.global`,
    exporters: ['east'],
    importers: [],
  }))
  const html = await page({...all, exports, clusters: all.clusters.map(one => ({...one, vms}))})
  expect(html).toContain('vm/vm-8')
  expect(html).toContain('s11.a.global')
})

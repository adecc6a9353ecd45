import {expect, test} from 'vitest'
import {terminalSvg} from '../../../scripts/pictures/terminal-svg.ts'

test('colors and weights become classes, and text is escaped', async () => {
  const svg = await terminalSvg('\x1b[1mbold\x1b[0m <a & "b">\n\x1b[32mok\x1b[0m\n', 40, 'a "title"')
  expect(svg).toContain('class="b">bold</text>')
  expect(svg).toContain('class="green">ok</text>')
  expect(svg).toContain('&lt;a &amp; &quot;b&quot;&gt;')
  expect(svg).toContain('aria-label="a &quot;title&quot;"')
})

test('it draws what a terminal shows, and not what was erased', async () => {
  const svg = await terminalSvg('waiting\r\x1b[2Kdone\n', 40, 'x')
  expect(svg).toContain('>done<')
  expect(svg).not.toContain('waiting')
})

test('lines that have scrolled off are drawn', async () => {
  const svg = await terminalSvg(Array.from({length: 100}, (_, at) => `line ${at}\n`).join(''), 40, 'x')
  expect(svg.match(/<text /g)).toHaveLength(100)
})

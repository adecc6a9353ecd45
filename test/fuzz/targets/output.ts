import {Writable} from 'node:stream'
import {isDeepStrictEqual} from 'node:util'
import fc from 'fast-check'
import {clusterEnv} from '../../../src/features/vm/bundle/cluster-env.ts'
import {formatTable} from '../../../src/terminal/output/table.ts'
import {openTerminal} from '../../../src/terminal/output/terminal.ts'
import {dumpYaml} from '../../../src/text/yaml.ts'
import {sourceOf} from '../../features/vm/bundle/support.ts'
import {hostileText} from '../hostile.ts'
import {accepted, must, mustBePrintable} from '../oracle.ts'
import {defineTarget} from '../target.ts'
import {readings} from '../yaml-readers.ts'

/** Texts of clusters on their way to the terminal, to YAML, and to a file that a shell sources. */
export const target = defineTarget({
  input: fc.array(hostileText, {minLength: 4, maxLength: 8}),
  async check(texts) {
    await mustStayInTable(texts)
    mustStayInYaml(texts)
    await mustStayInEnvironment(texts)
  },
})

async function mustStayInTable(texts: readonly string[]): Promise<void> {
  const table = formatTable(
    ['a', 'b'],
    texts.map(one => [one, 'x']),
  )
  must(table.split('\n').length === texts.length + 2, 'a table has another number of lines', table)
  let written = ''
  const stream = new Writable({
    write(chunk, _, done) {
      written += String(chunk)
      done()
    },
  })
  const terminal = openTerminal({}, {stdin: {}, stdout: stream, stderr: stream, env: {}})
  terminal.message(texts)
  must(written.split('\n').length === texts.length + 1, 'messages have another number of lines', written)
  terminal.print(table)
  terminal.print(texts.join(''))
  mustBePrintable(written)
}

function mustStayInYaml(texts: readonly string[]): void {
  const [key, other, ...rest] = texts
  const value = Object.fromEntries([
    [key!, rest],
    ['x', {[other!]: key}],
  ])
  const yaml = dumpYaml(value)
  mustBePrintable(yaml)
  for (const [reader, found] of readings(yaml))
    must(isDeepStrictEqual(found, value), `${reader} reads another value`, yaml, value, found)
}

async function mustStayInEnvironment([key, value, ...more]: readonly string[]): Promise<void> {
  const controlPlane = sourceOf().controlPlane
  const proxyMetadata = {[key!]: value!, A: more[0]!, B: more[1]!}
  const source = sourceOf({
    controlPlane: {...controlPlane, defaultConfig: {...controlPlane.defaultConfig, proxyMetadata}},
  })
  const env = await accepted(() => clusterEnv(source))
  if (env === undefined) return
  // A value is one word without a special character, or one in single quotes, in which a quote is '\''.
  const line = /^[A-Za-z_][A-Za-z0-9_]*=(?:[A-Za-z0-9_@%+=:,./-]+|'(?:[^']|'\\'')*')\n/
  let rest = env
  for (let found = line.exec(rest); found; found = line.exec(rest)) rest = rest.slice(found[0].length)
  must(rest === '', 'cluster.env has a line that is not KEY=VALUE', env)
}

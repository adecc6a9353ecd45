import {isDeepStrictEqual} from 'node:util'
import {Parser} from '@oclif/core'
import fc from 'fast-check'
import {flagsFor, readSpec} from '../../../src/spec/read.ts'
import {type CommandData, readCommandLine} from '../../../src/terminal/argv.ts'
import {flagsOf, rawOf} from '../../../src/terminal/spec-flags.ts'
import {accepted, must} from '../oracle.ts'
import {type NamedSchema, schemas} from '../schemas.ts'
import {defineTarget} from '../target.ts'
import {rawSpec} from '../values.ts'

/** Values of flags, files and answers. Valid ones must survive the way through flags, as in the command to continue. */
export const target = defineTarget({
  input: fc.constantFrom(...schemas).chain(named => fc.tuple(fc.constant(named.name), rawSpec(named.schema))),
  async check([name, raw]) {
    const named = schemas.find(one => one.name === name)!
    const spec = await accepted(() => readSpec(named.schema, raw, named.validate))
    if (spec === undefined) return
    const words = flagsFor(named.schema, spec)
    must(
      words.every(word => typeof word === 'string'),
      'a flag is not a text',
      words,
    )
    const again = await accepted(async () => readSpec(named.schema, await rawFrom(named, words), named.validate))
    must(
      again !== undefined && isDeepStrictEqual(again, spec),
      'the flags of a Spec give another Spec',
      words,
      spec,
      again,
    )
  },
})

/** Parses words as the program does: `readCommandLine`, then oclif's parser. */
async function rawFrom({schema}: NamedSchema, words: readonly string[]) {
  const flags = flagsOf(schema)
  const positional = Object.values(schema).filter(({argument}) => argument)
  const command: CommandData = {id: 'x', flags: flags as unknown as CommandData['flags'], args: {a: {}}}
  const line = readCommandLine(['x', ...words], [command])
  must(line.run === 'command', 'the flags of a Spec are not a command line', words)
  const {flags: parsed, argv} = await Parser.parse(line.argv, {flags, strict: false})
  const rest = argv as string[]
  const args = positional.map(field => [field.flag, field.kind === 'list' ? rest.splice(0) : rest.shift()])
  return rawOf(schema, {...parsed, ...Object.fromEntries(args)})
}

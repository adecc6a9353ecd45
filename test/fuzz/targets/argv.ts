import {Parser} from '@oclif/core'
import {readCommandLine} from '../../../src/terminal/argv.ts'
import {candidates} from '../argv-words.ts'
import {classes, commands} from '../commands.ts'
import {accepted, must} from '../oracle.ts'
import {defineTarget} from '../target.ts'

/** Command lines of every command: our reader, then oclif's parser with the flags of the command. */
export const target = defineTarget({
  input: candidates(commands),
  async check(words) {
    const before = [...words]
    const line = await accepted(() => readCommandLine(words, [...commands]))
    must(JSON.stringify(words) === JSON.stringify(before), 'the command line was changed')
    if (line?.run !== 'command') return
    const command = classes.get(line.id)
    if (command === undefined) return
    const {args, strict} = command
    const flags = {...command.baseFlags, ...command.flags}
    const parsed = await accepted(() => Parser.parse(line.argv, {flags, args, strict, '--': true}))
    if (parsed === undefined) return
    const known = new Set(Object.keys(flags))
    must(
      Object.keys(parsed.flags).every(flag => known.has(flag)),
      'a flag that the command does not have',
      parsed.flags,
    )
    const [first] = words.includes('--') ? [] : Object.values(parsed.args)
    must(typeof first !== 'string' || words.includes(first), 'an argument that was not typed', words, parsed.args)
  },
})

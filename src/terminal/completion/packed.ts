import type {CompletedCommand, CompletedFlag, Known} from './candidates.ts'

/**
 * The data of completion as `dist/completion.json` stores it. Commands share flags, and data that only help needs is
 * left out, because every completion reads the file.
 */
export interface Packed {
  /** Names and data of the flags. */
  flags: [name: string, flag: CompletedFlag][]
  /** `flags` are indices of the list above. */
  commands: (Omit<CompletedCommand, 'flags'> & {flags: number[]})[]
  topics: Known['topics']
}

/** Converts the commands of a manifest and the topics of package.json for `dist/completion.json`. */
export function packKnown({commands, topics}: Known): Packed {
  const indices = new Map<string, number>()
  const flags: Packed['flags'] = []
  const indexOf = (name: string, flag: CompletedFlag) => {
    const entry: Packed['flags'][number] = [name, slimFlag(flag)]
    const key = JSON.stringify(entry)
    const index = indices.get(key) ?? flags.push(entry) - 1
    indices.set(key, index)
    return index
  }
  return {
    commands: commands.map(command => ({
      ...slim(command, ['id', 'aliases', 'hidden']),
      ...firstLine(command),
      flags: Object.entries(command.flags).map(([name, flag]) => indexOf(name, flag)),
      args: Object.fromEntries(
        Object.entries(command.args).map(([name, arg]) => [name, slim(arg, ['options', 'multiple'])]),
      ),
    })),
    flags,
    topics: Object.fromEntries(Object.entries(topics).map(([name, topic]) => [name, slim(topic, ['description'])])),
  }
}

/** The inverse of `packKnown`, without the data that it leaves out. */
export function unpackKnown({commands, flags, topics}: Packed): Known {
  return {
    commands: commands.map(command => ({
      ...command,
      flags: Object.fromEntries(command.flags.map(index => flags[index]!)),
    })),
    topics,
  }
}

function slimFlag(flag: CompletedFlag): CompletedFlag {
  return {
    ...slim(flag, ['type', 'char', 'aliases', 'multiple', 'allowNo', 'hidden', 'options', 'helpValue']),
    ...firstLine(flag),
  }
}

function firstLine({summary, description}: {summary?: string; description?: string}): {summary?: string} {
  const text = (summary ?? description)?.split('\n', 1)[0]
  return text ? {summary: text} : {}
}

/** The keys that have a value other than undefined, false and an empty list. */
function slim<T extends object, K extends keyof T>(value: T, keys: readonly K[]): Pick<T, K> {
  const kept = keys.filter(key => value[key] !== undefined && value[key] !== false && !isEmpty(value[key]))
  return Object.fromEntries(kept.map(key => [key, value[key]])) as Pick<T, K>
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

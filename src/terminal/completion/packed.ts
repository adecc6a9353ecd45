import type {CompletedCommand, CompletedFlag, Known} from './candidates.ts'

/**
 * What completion knows, as it is kept in `dist/completion.json`: each flag once, however many commands have it, and
 * nothing that only help needs. It is read for every TAB.
 */
export interface Packed {
  /** Names and data of the flags. */
  flags: [name: string, flag: CompletedFlag][]
  /** `flags` are places in the list above. */
  commands: (Omit<CompletedCommand, 'flags'> & {flags: number[]})[]
  topics: Known['topics']
}

/** Packs what a manifest and package.json say; what completion does not look at is left out. */
export function packKnown({commands, topics}: Known): Packed {
  const places = new Map<string, number>()
  const flags: Packed['flags'] = []
  const placeOf = (name: string, flag: CompletedFlag) => {
    const entry: Packed['flags'][number] = [name, slimFlag(flag)]
    const key = JSON.stringify(entry)
    const place = places.get(key) ?? flags.push(entry) - 1
    places.set(key, place)
    return place
  }
  return {
    commands: commands.map(command => ({
      ...slim(command, ['id', 'aliases', 'hidden']),
      ...firstLine(command),
      flags: Object.entries(command.flags).map(([name, flag]) => placeOf(name, flag)),
      args: Object.fromEntries(
        Object.entries(command.args).map(([name, arg]) => [name, slim(arg, ['options', 'multiple'])]),
      ),
    })),
    flags,
    topics: Object.fromEntries(Object.entries(topics).map(([name, topic]) => [name, slim(topic, ['description'])])),
  }
}

/** What was packed. Commands share the data of their flags. */
export function unpackKnown({commands, flags, topics}: Packed): Known {
  return {
    commands: commands.map(command => ({
      ...command,
      flags: Object.fromEntries(command.flags.map(place => flags[place]!)),
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

/** The keys that are there, and say something: neither false nor an empty list. */
function slim<T extends object, K extends keyof T>(value: T, keys: readonly K[]): Pick<T, K> {
  const kept = keys.filter(key => value[key] !== undefined && value[key] !== false && !isEmpty(value[key]))
  return Object.fromEntries(kept.map(key => [key, value[key]])) as Pick<T, K>
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

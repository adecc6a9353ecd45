import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {usageError} from '../errors.ts'
import {formatDuration, parseDuration} from '../text/duration.ts'

/** The properties that all kinds of flags share. */
interface FlagInput {
  /** Description in help: one sentence without a full stop. */
  about: string
  /** Placeholder for the value in help. Completion offers values by it: see `completion/values.ts`. */
  valueName?: string
  /** The default as help shows it. It does not set a default. */
  fallbackText?: string
  /** Heading in help. Without it, help lists the flag under FLAGS. */
  group?: string
  /** One-letter form. */
  char?: 'A' | 'f' | 'l' | 'n' | 'o' | 'R' | 'v' | 'w' | 'y'
}

/** Text of an argument in help, and how many values it takes. */
interface ArgumentInput {
  /** Description in help: one sentence without a full stop. */
  about: string
  required?: boolean
  options?: readonly string[]
}

/**
 * Converts shared properties for oclif. A property without a value is left out, because oclif tests whether keys exist.
 * `defaultHelp` is not used: it would load the code of a command to print its help. `about` and `fallbackText` stay in the
 * flag for docs and completion (`scripts/command-data.ts`), while help shows the summary, which contains both.
 */
export function flagProperties(input: FlagInput) {
  const {about, fallbackText, group, char, valueName} = input
  return {
    about,
    ...(fallbackText === undefined ? {} : {fallbackText}),
    summary: fallbackText === undefined ? about : `${about} (default ${fallbackText})`,
    ...(group ? {helpGroup: group} : {}),
    ...(char ? {char} : {}),
    ...(valueName ? {helpValue: valueName} : {}),
  }
}

/** A flag with one text. Undefined when it is not set. */
export function stringFlag(input: FlagInput) {
  return Flags.string(flagProperties(input))
}

/**
 * A flag that may be repeated, with one text each time. Undefined when it is not set. Commas stay in the texts: the
 * field that parses them decides whether they separate values.
 */
export function listFlag(input: FlagInput) {
  // Greedy parsing would take the arguments after the flag as further values.
  return Flags.string({...flagProperties(input), multiple: true, multipleNonGreedy: true})
}

/** A flag with one of a few words. Undefined when it is not set. */
export function choiceFlag<const O extends readonly string[]>(input: FlagInput & {options: O}) {
  return Flags.option({...flagProperties(input), options: input.options})()
}

/** `--x` and `--no-x`. Undefined when neither is set. */
export function boolFlag(input: FlagInput) {
  return Flags.boolean({...flagProperties(input), allowNo: true})
}

/** `--x`. False when it is not set. */
export function switchFlag(input: FlagInput) {
  return Flags.boolean({...flagProperties(input), default: false})
}

/**
 * A flag with a duration in Go's syntax, parsed to milliseconds, at least 0.
 *
 * @param input.fallback default in milliseconds
 */
export function durationFlag(input: FlagInput & {fallback: number}) {
  return Flags.custom<number>({
    ...flagProperties({fallbackText: formatDuration(input.fallback), valueName: 'DURATION', ...input}),
    parse: async (text, _context, flag) => {
      const value = parseDuration(text)
      if (value === undefined) throw usageError(`--${flag.name} ${text} is not a duration (90s, 5m, 1h30m)`)
      return value
    },
    default: input.fallback,
    noCacheDefault: true,
  })()
}

/** An argument with one word. Unlike oclif's arguments, it never reads stdin when it is missing. */
export function wordArg(input: ArgumentInput) {
  return Args.string(argumentProperties(input))
}

/** An argument with any number of words. Undefined without any. It never reads stdin. */
export function wordsArg(input: ArgumentInput) {
  return Args.string({...argumentProperties(input), multiple: true})
}

function argumentProperties({about, required, options}: ArgumentInput) {
  return {
    description: about,
    required: required ?? false,
    ignoreStdin: true,
    ...(options ? {options} : {}),
  }
}

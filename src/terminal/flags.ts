import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {usageError} from '../errors.ts'
import {formatDuration, parseDuration} from '../text/duration.ts'

/** What every flag here is made from. */
interface Said {
  /** For help: one sentence without a full stop. */
  about: string
  /** What stands for the value in help, and tells completion what to offer: see `src/terminal/completion/values.ts`. */
  valueName?: string
  /** What happens when the flag is not given, as help shows it. */
  fallbackText?: string
  /** Heading in help; without it the flag stands under FLAGS. */
  group?: string
  /** One-letter form. */
  char?: 'f' | 'l' | 'n' | 'o' | 'v' | 'y'
}

const kubectl = 'KUBECTL'
const output = 'OUTPUT'

/** Keys that oclif shall not see as undefined are left out: it looks for their presence. */
function common(said: Said) {
  const {about, fallbackText, group, char} = said
  return {
    // No `defaultHelp`: it would load the command's code to print its help.
    summary: fallbackText === undefined ? about : `[default: ${fallbackText}] ${about}`,
    ...(group ? {helpGroup: group} : {}),
    ...(char ? {char} : {}),
  }
}

/** One text; undefined when it was not said. */
export function stringFlag(said: Said) {
  return Flags.string({...common(said), ...(said.valueName ? {helpValue: said.valueName} : {})})
}

/**
 * Texts, by repeating the flag; undefined when it was not said. Commas are kept: a field's own reader splits them where
 * they separate. Takes one value each time, so that an argument behind it stays an argument.
 */
export function listFlag(said: Said) {
  return Flags.string({
    ...common(said),
    ...(said.valueName ? {helpValue: said.valueName} : {}),
    multiple: true,
    multipleNonGreedy: true,
  })
}

/** Texts, by repeating the flag or with commas (`\,` is a comma in a text); undefined when it was not said. */
export function commaListFlag(said: Said) {
  return Flags.string({
    ...common(said),
    ...(said.valueName ? {helpValue: said.valueName} : {}),
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    parse: async (text, _context, flag) => {
      if (text === '') throw usageError(`--${flag.name}: there is nothing between two commas, or at an end`)
      return text
    },
  })
}

/** One of a few words; undefined when it was not said. */
export function choiceFlag<const O extends readonly string[]>(said: Said & {options: O}) {
  return Flags.option({...common(said), options: said.options})()
}

/** `--x` and `--no-x`; undefined when it was not said. */
export function boolFlag(said: Said) {
  return Flags.boolean({...common(said), allowNo: true})
}

/** `--x`; false when it was not said. */
export function switchFlag(said: Said) {
  return Flags.boolean({...common(said), default: false})
}

/** A duration in Go's syntax → milliseconds, at least 0. `fallback` in milliseconds. */
export function durationFlag(said: Said & {fallback: number}) {
  return Flags.custom<number>({
    ...common({fallbackText: formatDuration(said.fallback), ...said}),
    helpValue: said.valueName ?? 'DURATION',
    parse: async (text, _context, flag) => {
      const value = parseDuration(text)
      if (value === undefined) throw usageError(`--${flag.name} ${text} is not a duration (90s, 5m, 1h30m)`)
      return value
    },
    default: said.fallback,
    noCacheDefault: true,
  })()
}

/** An argument. It never reads stdin, which oclif's arguments do when they are missing. */
export function wordArg(said: {about: string; required?: boolean; options?: readonly string[]}) {
  return Args.string({
    description: said.about,
    required: said.required ?? false,
    ignoreStdin: true,
    ...(said.options ? {options: said.options} : {}),
  })
}

/** Arguments, as many as there are; undefined when there is none. They never read stdin. */
export function wordsArg(said: {about: string; required?: boolean}) {
  return Args.string({description: said.about, required: said.required ?? false, ignoreStdin: true, multiple: true})
}

/** On every command: `-v=6` shows where an error comes from. */
export const verbosity = Flags.integer({
  ...common({about: 'how much to tell; 6 and more show where an error comes from', group: kubectl, char: 'v'}),
  helpValue: 'N',
  min: 0,
  default: 0,
})

export const kubeconfig = stringFlag({
  about: 'kubeconfig file',
  valueName: 'FILE',
  group: kubectl,
  fallbackText: '$KUBECONFIG, else ~/.kube/config',
})

export const context = stringFlag({
  about: 'kubeconfig context',
  valueName: 'CTX',
  group: kubectl,
  fallbackText: 'the current one',
})

export const contexts = commaListFlag({
  about: 'kubeconfig contexts, by commas or by repeating the flag',
  valueName: 'CTX,CTX',
  group: kubectl,
})

export const namespace = stringFlag({
  about: 'namespace',
  valueName: 'NS',
  group: kubectl,
  fallbackText: "the context's",
  char: 'n',
})

export const selector = stringFlag({
  about: 'those that fit this label selector',
  valueName: 'SELECTOR',
  group: kubectl,
  char: 'l',
})

/** Whom to act as; for every command that talks to a cluster. */
export const impersonationFlags = {
  as: stringFlag({about: 'user to act as', valueName: 'USER', group: kubectl}),
  'as-group': listFlag({about: 'group to act as, may be repeated', valueName: 'GROUP', group: kubectl}),
}

/** Milliseconds for one request, 0 is without an end; undefined when it was not said. Whole seconds may lack their unit, as kubectl has it. */
export const requestTimeout = Flags.custom<number>({
  ...common({
    about: 'how long one request may take (10s, 2m; 0 is without an end)',
    group: kubectl,
    fallbackText: 'while the server gives a sign of life',
  }),
  helpValue: 'DURATION',
  parse: async text => {
    const value = parseDuration(/^\d+$/.test(text) ? `${text}s` : text)
    if (value === undefined) throw usageError(`--request-timeout ${text} is not a duration (10s, 2m)`)
    return value
  },
})()

/** For every command that reaches clusters. */
export const accessFlags = {kubeconfig, ...impersonationFlags, 'request-timeout': requestTimeout}

/** For a command on one cluster. */
export const clusterFlags = {kubeconfig, context, ...impersonationFlags, 'request-timeout': requestTimeout}

/** For a command on several clusters. */
export const clustersFlags = {kubeconfig, contexts, ...impersonationFlags, 'request-timeout': requestTimeout}

/** `-o`; undefined when it was not said. */
export function outputFlag<const O extends readonly string[]>(options: O, about = 'what to print') {
  return choiceFlag({about, options, group: output, char: 'o'})
}

export const dryRun = Flags.option({
  ...common({
    about: 'client: print what would be sent and ask no cluster; server: compare with the clusters and change nothing',
    group: kubectl,
  }),
  options: ['none', 'client', 'server'] as const,
  default: 'none',
})()

export const noInput = switchFlag({about: 'ask nothing: what is missing is an error', group: kubectl})

export const yes = switchFlag({about: 'do it without asking', group: kubectl, char: 'y'})

/** For a command that changes clusters. */
export const writeFlags = {
  'dry-run': dryRun,
  'field-manager': Flags.string({
    ...common({about: 'name under which the fields are owned', group: kubectl}),
    helpValue: 'NAME',
    default: 'kubectl-mesh',
  }),
  'force-conflicts': switchFlag({about: 'take over fields that others own', group: kubectl}),
  'exit-code': switchFlag({about: 'with --dry-run=server: end with 1 when there are differences', group: kubectl}),
  yes,
  'no-input': noInput,
}

/** For a command that writes manifests. */
export const fileFlags = {
  'output-dir': stringFlag({
    about: 'write a folder a cluster and a file an object instead of printing',
    valueName: 'DIR',
    group: output,
  }),
  only: stringFlag({about: 'print the part of one cluster', valueName: 'CLUSTER', group: output}),
  'include-secrets': switchFlag({about: 'write credentials too (files are 0600)', group: output}),
}

/** For a command that waits. `timeout` in milliseconds. */
export const waitFlags = {
  wait: Flags.boolean({
    ...common({about: 'wait until it works', group: kubectl, fallbackText: 'true'}),
    allowNo: true,
    default: true,
  }),
  timeout: durationFlag({about: 'how long to wait', group: kubectl, fallback: 300_000}),
}

export const filename = stringFlag({about: 'mesh file to read, - is stdin', valueName: 'FILE', char: 'f'})

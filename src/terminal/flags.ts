import * as Flags from '@oclif/core/flags'
import {usageError} from '../errors.ts'
import {parseDuration} from '../text/duration.ts'
import {boolFlag, choiceFlag, durationFlag, flagProperties, listFlag, stringFlag, switchFlag} from './flag-builders.ts'
import {kubectlGroup as kubectl, outputGroup as output, settingsGroup} from './flag-groups.ts'

/** Flags that several commands share. They have the names and the meanings of kubectl's flags where kubectl has them. */

/** `-v`, which every command has. */
export const verbosity = Flags.integer({
  ...flagProperties({
    about: 'log level; 6 and higher print the stack trace of an error',
    valueName: 'N',
    group: kubectl,
    char: 'v',
  }),
  min: 0,
  default: 0,
})

export const kubeconfig = stringFlag({
  about: 'kubeconfig file',
  valueName: 'FILE',
  group: kubectl,
  fallbackText: '$KUBECONFIG, otherwise ~/.kube/config',
})

export const context = stringFlag({
  about: 'kubeconfig context; NAME=FILE or NAME=FILE#CTX for one in another kubeconfig file',
  valueName: 'CTX',
  group: kubectl,
  fallbackText: 'current context',
})

/**
 * Clusters that an inventory describes. `BaseCommand` reads them before the command runs.
 *
 * @param group heading in help
 */
export function sourceFlagsIn(group: string) {
  return {
    'clusters-from': listFlag({
      about:
        'clusters of an inventory, as contexts: clusterprofile://CTX/NS, capi://CTX/NS or argocd://CTX/NS, optionally with ?SELECTOR; repeat the flag for several',
      valueName: 'SOURCE',
      group,
    }),
    'access-providers': stringFlag({
      about: 'JSON file with the credential plugins for ClusterProfiles, by the name of their access provider',
      valueName: 'FILE',
      group,
    }),
  }
}

const sourceFlags = sourceFlagsIn(kubectl)

const contextNamespace = "the context's namespace"

/**
 * `-n` with a meaning that only this command has.
 *
 * @param about description in help
 * @param fallbackText the default as help shows it
 */
export function namespaceFlag(about: string, fallbackText = contextNamespace) {
  return stringFlag({about, valueName: 'NS', fallbackText, char: 'n'})
}

export const namespace = stringFlag({
  about: 'namespace',
  valueName: 'NS',
  group: kubectl,
  fallbackText: contextNamespace,
  char: 'n',
})

/**
 * `-l`.
 *
 * @param about description in help
 */
export function selectorFlag(about = 'label selector', valueName = 'SELECTOR') {
  return stringFlag({about, valueName, char: 'l'})
}

/** The user and the groups to impersonate. Every command that connects to a cluster has these flags. */
export const impersonationFlags = {
  as: stringFlag({about: 'user to impersonate', valueName: 'USER', group: kubectl}),
  'as-group': listFlag({
    about: 'group to impersonate; repeat the flag for several',
    valueName: 'GROUP',
    group: kubectl,
  }),
}

/**
 * The timeout of one request in milliseconds. 0 means no timeout. Undefined when it is not set. An integer without a unit
 * means seconds, as in kubectl.
 */
export const requestTimeout = Flags.custom<number>({
  ...flagProperties({
    about: 'timeout of one request (10s, 2m; 0 means no timeout)',
    valueName: 'DURATION',
    group: kubectl,
    fallbackText: 'no limit while the server sends data',
  }),
  parse: async text => {
    const value = parseDuration(/^\d+$/.test(text) ? `${text}s` : text)
    if (value === undefined) throw usageError(`--request-timeout ${text} is not a duration (10s, 2m)`)
    return value
  },
})()

/** For a command that connects to several clusters. Its spec declares the flag for the contexts. */
export const accessFlags = {kubeconfig, ...sourceFlags, ...impersonationFlags, 'request-timeout': requestTimeout}

/** For a command that connects to one cluster. */
export const clusterFlags = {
  kubeconfig,
  context,
  ...sourceFlags,
  ...impersonationFlags,
  'request-timeout': requestTimeout,
}

/**
 * `-o`. Undefined when it is not set.
 *
 * @param fallbackText the default as help shows it
 */
export function outputFlag<const O extends readonly string[]>(options: O, fallbackText?: string) {
  const shown = fallbackText === undefined ? {} : {fallbackText}
  return choiceFlag({about: 'output format', options, group: output, char: 'o', ...shown})
}

export const dryRun = Flags.option({
  ...flagProperties({
    about:
      'client: print the objects without connecting to a cluster; server: show the difference to the clusters without changing them',
    group: kubectl,
  }),
  options: ['none', 'client', 'server'] as const,
  default: 'none',
})()

export const noInput = switchFlag({about: 'do not prompt; a missing value is an error', group: kubectl})

export const yes = switchFlag({about: 'skip the confirmation prompt', group: kubectl, char: 'y'})

/** For a command that changes clusters. */
export const writeFlags = {
  'dry-run': dryRun,
  'field-manager': Flags.string({
    ...flagProperties({about: 'field manager of server-side apply', valueName: 'NAME', group: kubectl}),
    default: 'kubectl-mesh',
  }),
  'force-conflicts': switchFlag({about: 'take over fields that another field manager owns', group: kubectl}),
  'overwrite-managed': switchFlag({
    about: 'change ConfigMaps and Secrets that Helm, Argo CD, Flux, an operator or an add-on manager would revert',
    group: kubectl,
  }),
  'exit-code': switchFlag({
    about: 'with --dry-run=server, exit with code 1 if there are differences',
    group: kubectl,
  }),
  summary: boolFlag({
    about:
      'show each object of a diff on one line; --no-summary shows the full text of all objects, including CustomResourceDefinitions',
    group: output,
  }),
  'diff-context': Flags.integer({
    ...flagProperties({about: 'lines of context in a diff', valueName: 'N', group: output, fallbackText: '3'}),
    min: 0,
  }),
  'lock-timeout': durationFlag({
    about: 'maximum time to wait while another run writes to the same clusters',
    group: kubectl,
    fallback: 0,
    fallbackText: '0s: do not wait',
  }),
  yes,
  'no-input': noInput,
}

/** For a command that stores its settings in a record. */
export const settingsFlags = {
  reset: listFlag({
    about: 'flags of earlier runs that return to their defaults; all others are kept',
    valueName: 'FLAG',
    group: settingsGroup,
  }),
}

/** For a command that removes what kubectl-mesh created. */
export const removalFlags = {
  'trust-labels': switchFlag({
    about: 'also remove objects that only carry the label of kubectl-mesh, such as those of version 0.1.0',
    group: kubectl,
  }),
}

/** For a command that writes manifests. */
export const fileFlags = {
  'output-dir': stringFlag({
    about: 'write one folder per cluster and one file per object instead of printing',
    valueName: 'DIR',
    group: output,
  }),
  only: stringFlag({about: 'print the objects of this cluster only', valueName: 'CLUSTER', group: output}),
  'include-secrets': switchFlag({about: 'include Secrets; their files get mode 0600', group: output}),
}

/** For a command that waits. The value of `timeout` is in milliseconds. */
export const waitFlags = {
  wait: Flags.boolean({
    ...flagProperties({about: 'wait until the result is ready', group: kubectl, fallbackText: 'true'}),
    allowNo: true,
    default: true,
  }),
  timeout: durationFlag({about: 'maximum time to wait', group: kubectl, fallback: 300_000}),
}

export const filename = stringFlag({
  about: 'mesh file to read (- for stdin)',
  valueName: 'FILE',
  group: settingsGroup,
  char: 'f',
})

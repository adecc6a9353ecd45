import type {Problem} from '../errors.ts'
import {contextFlags} from './context-ref.ts'

/** The commands of kubectl-mesh for one cluster, by their first word. `install` is a command too. */
const meshCommands: Readonly<Record<string, string>> = {
  addon: 'install|list|open|remove',
  authz: 'attach|detach|list|verify',
  ingress: 'deploy|remove|tls',
  locality: 'balance|label|status|unbalance|unlabel',
  tenant: 'add|assign|list|remove|verify',
  vm: 'list|register|remove|renew|verify',
}

const meshWords = Object.entries(meshCommands).map(([topic, verbs]) => `${topic} (?:${verbs})`)
const kubectlVerbs =
  'annotate|apply|create|delete|describe|edit|exec|get|label|logs|patch|port-forward|rollout|scale|set|taint|version'

/** Commands in a text, up to the place of their flag. Words after `kubectl` that are no verbs are prose. */
const commands = new RegExp(
  [
    `\\bkubectl mesh (?:${meshWords.join('|')}|install(?: (?:status|remove))?)(?= |$)`,
    `\\bkubectl(?= -| (?:${kubectlVerbs})\\b)`,
    '\\bistioctl (?:analyze|install|proxy-config|proxy-status|tag|uninstall|upgrade|waypoint)\\b',
    '\\bhelm (?:install|uninstall|upgrade)\\b',
  ].join('|'),
  'g',
)

const selectsCluster = / --(?:contexts?|kube-context|kubeconfig)\b/

/**
 * Returns a hint in which each command that acts on one cluster names the context, so that a copied command does not act on the
 * cluster of the current context. Commands that have a context, and those for several clusters, stay as they are.
 *
 * @param context '' for the current context, which needs no flag
 */
export function withContext(hint: string, context: string): string {
  if (context === '') return hint
  const matches = [...hint.matchAll(commands)]
  return matches.reduceRight((text, {0: command, index}, at) => {
    const end = index + command.length
    if (selectsCluster.test(hint.slice(end, matches[at + 1]?.index))) return text
    const flags = contextFlags(context, command.startsWith('helm ') ? '--kube-context' : '--context')
    return `${text.slice(0, end)} ${flags}${text.slice(end)}`
  }, hint)
}

/** The problem with the context in its hints. */
export function withHintContext<P extends Problem>(problem: P, context: string): P {
  return problem.hints ? {...problem, hints: problem.hints.map(hint => withContext(hint, context))} : problem
}

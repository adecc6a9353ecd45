import {count, someOf} from '../../../text/count.ts'
import {shellWord} from '../../../text/shell-word.ts'

/** A namespace that stays although its deletion was requested, or would follow. */
export interface KeptNamespace {
  name: string
  /** Why it stays, as text that follows its name. Undefined if its content decides. */
  reason: string | undefined
  /** Objects that kubectl-mesh did not create. */
  content: readonly string[]
}

/** Number of objects that a message names. */
const maxNamed = 10

/** Describes the objects in a namespace that kubectl-mesh did not create: `2 objects …: secret/a, configmap/b`. */
export function describeContent(content: readonly string[]): string {
  return `${count(content.length, 'object')} that kubectl-mesh did not create: ${someOf(content, maxNamed)}`
}

/** Formats a warning, as lines, about each namespace that stays. */
export function formatKept(kept: readonly KeptNamespace[]): string[] {
  return kept.flatMap(({name, reason, content}) =>
    reason === undefined
      ? [
          `warning: namespace ${name} stays, because it contains ${describeContent(content)}`,
          `hint:    to delete it too, add --delete-content-of ${shellWord(name)}`,
        ]
      : [`warning: namespace ${name} stays, because it ${reason}`],
  )
}

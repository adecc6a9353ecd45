import {join} from 'node:path'
import {expect} from 'vitest'
import {type Change, type FieldEdit, targetOf} from '../../src/engine/kubernetes/change.ts'
import {nameOf} from '../../src/engine/kubernetes/object.ts'
import {dumpYaml} from '../../src/text/yaml.ts'

/** Compares a text with the file `test/golden/NAME`. `vitest run -u` updates the file. With `CI=true`, a missing file fails. */
export async function expectGolden(name: string, text: string): Promise<void> {
  await expect(text).toMatchFileSnapshot(join(import.meta.dirname, '..', 'golden', name))
}

/** Changes as text, in their order: a comment line with the properties of each change, then its object as YAML. */
export function textOfChanges(changes: readonly Change[]): string {
  return changes
    .map(change => {
      const head = `# ${change.cluster}, wave ${change.wave}: ${change.action} ${nameOf(targetOf(change))}`
      if (change.action === 'remove') return `${head}\n`
      if (change.action === 'edit')
        return `${head}${change.create ? ' (made if missing)' : ''}\n${change.edits.map(textOfEdit).join('')}`
      const notes = [...(change.pending ? [`pending: ${change.pending}`] : []), ...(change.stays ? ['stays'] : [])]
      return `${head}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}\n${dumpYaml(change.object)}`
    })
    .join('---\n')
}

function textOfEdit(edit: FieldEdit): string {
  if (edit.at === 'text' || edit.at === 'entries') return `#   ${edit.path.join('.')}: ${edit.about}\n`
  return `#   ${edit.at} ${edit.key}: ${edit.value ?? '(none)'}\n`
}

import type {Edit} from '../../src/engine/kubernetes/change.ts'

/** The text after the only edit of a change, which must be an edit of a text. Undefined if the edit removes it. */
export function textAfter({edits}: Edit, text: string): string | undefined {
  const [edit, ...others] = edits
  if (edit?.at !== 'text' || others.length > 0) throw new Error('not one edit of a text')
  return edit.edit(text)
}

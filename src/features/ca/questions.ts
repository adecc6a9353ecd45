import type {Asker} from '../../run/ask-missing.ts'
import type {RawSpec} from '../../spec/read.ts'
import {dnsLabel} from '../../spec/texts.ts'
import {askText} from '../../terminal/prompts.ts'
import type {caIssueFields} from './spec.ts'

type RawIssue = RawSpec<typeof caIssueFields>

/** Asks for the clusters to issue CAs for, unless the input names them. Returns the answers only. */
export async function askIssue({cluster}: RawIssue, {terminal}: Pick<Asker, 'terminal'>): Promise<RawIssue> {
  if (cluster !== undefined) return {}
  const namesIn = (text: string) => text.split(',').map(name => name.trim())
  const answer = await askText(terminal, {
    message: 'For which clusters? (their names in the mesh, separated by commas)',
    check: text => {
      const wrong = namesIn(text).find(name => dnsLabel(name) !== undefined)
      return wrong === undefined
        ? undefined
        : `contains ${wrong === '' ? 'an empty name' : `${wrong}, which ${dnsLabel(wrong)}`}`
    },
  })
  return {cluster: namesIn(answer)}
}

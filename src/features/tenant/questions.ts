import type {RawSpec} from '../../spec/read.ts'
import {dnsLabel} from '../../spec/texts.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import {askChoice, askMany, askText} from '../../terminal/prompts.ts'
import type {TenantsFacts} from './read.ts'
import type {tenantFields} from './spec.ts'

type RawTenant = RawSpec<typeof tenantFields>

/**
 * Asks for what a tenant lacks, with what was found as default and a word of why; what was said is not asked again.
 * Returns the same object when there was nothing to ask.
 */
export async function askTenant(
  raw: RawTenant,
  read: () => Promise<TenantsFacts>,
  terminal: Terminal,
): Promise<RawTenant> {
  // whoever names the tenant knows the rest: all has a default
  if (raw.name !== undefined) return raw
  const facts = await read()
  const taken = new Set(facts.tenants.flatMap(({name, namespace, revision}) => [name, namespace, revision]))
  const name = await askText(terminal, {
    message: 'Name of the tenant (its namespace, revision and label are called so too)',
    check: text => dnsLabel(text) ?? (taken.has(text) ? 'is taken' : undefined),
  })
  let answered: RawTenant = {...raw, name}
  if (raw.namespaces === undefined) {
    const free = facts.namespaces
      .map(({metadata}) => metadata)
      .filter(({deletionTimestamp}) => deletionTimestamp === undefined)
      .filter(
        ({name: namespace, labels}) =>
          !/^kube-|^default$/.test(namespace) && !taken.has(namespace) && !labels?.['istio.io/rev'],
      )
    const picked =
      free.length === 0
        ? []
        : await askMany(
            terminal,
            'Which namespaces are its own? (space picks, enter goes on; others can be added later)',
            free.map(({name: namespace}) => ({name: namespace, value: namespace})),
            0,
          )
    if (picked.length > 0) answered = {...answered, namespaces: picked}
  }
  if (raw.via === undefined) {
    const via = await askChoice(terminal, 'What makes its control plane?', [
      {name: 'istioctl   renders it here, and the plan shows every object', value: 'istioctl'},
      {name: 'helm       the istiod chart, rendered here', value: 'helm'},
      {name: 'sail       the Sail operator in the cluster', value: 'sail'},
      {name: 'none       it is there already, or comes by other ways', value: 'none'},
    ])
    if (via !== 'istioctl') answered = {...answered, via}
  }
  return answered
}

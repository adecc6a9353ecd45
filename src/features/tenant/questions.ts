import {dnsLabel} from '../../spec/texts.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import {askChoice, askMany, askText} from '../../terminal/prompts.ts'
import type {TenantsFacts} from './read.ts'
import type {RawTenant} from './settings.ts'

/**
 * Asks for the values that are missing. If the name is set, nothing is asked, because every other value has a default.
 *
 * @param facts the existing tenants
 * @param hasSail reads whether the Sail operator is installed, without which it is no choice
 * @returns `raw` itself if nothing was asked
 */
export async function askTenant(
  raw: RawTenant,
  facts: TenantsFacts,
  {terminal, hasSail}: {terminal: Terminal; hasSail: () => Promise<boolean>},
): Promise<RawTenant> {
  if (raw.name !== undefined) return raw
  const taken = new Set(facts.tenants.flatMap(({name, namespace, revision}) => [name, namespace, revision]))
  const name = await askText(terminal, {
    message: 'Name of the tenant (also of its system namespace, revision and label)',
    check: text => dnsLabel(text) ?? (taken.has(text) ? 'already exists' : undefined),
  })
  return {
    ...raw,
    name,
    ...(raw.namespaces === undefined ? await askNamespaces(freeNamespaces(facts, taken), terminal) : {}),
    ...(raw.via === undefined ? await askVia(terminal, await hasSail()) : {}),
  }
}

/** The namespaces that a tenant can get: not reserved, not a system namespace, and not of another revision. */
function freeNamespaces({namespaces}: TenantsFacts, taken: ReadonlySet<string>): string[] {
  return namespaces
    .map(({metadata}) => metadata)
    .filter(({deletionTimestamp}) => deletionTimestamp === undefined)
    .filter(({name, labels}) => !/^kube-|^default$/.test(name) && !taken.has(name) && !labels?.['istio.io/rev'])
    .map(({name}) => name)
}

async function askNamespaces(free: readonly string[], terminal: Terminal): Promise<Pick<RawTenant, 'namespaces'>> {
  if (free.length === 0) return {}
  const picked = await askMany(
    terminal,
    'Which namespaces should belong to the tenant? (space selects, enter continues; you can add more later)',
    free.map(namespace => ({name: namespace, value: namespace})),
    0,
  )
  return picked.length > 0 ? {namespaces: picked} : {}
}

async function askVia(terminal: Terminal, hasSail: boolean): Promise<Pick<RawTenant, 'via'>> {
  const via = await askChoice(terminal, 'Which tool should render the control plane?', [
    {name: 'istioctl   rendered on this machine; you review every object before it is created', value: 'istioctl'},
    {name: 'helm       the istiod chart, rendered on this machine', value: 'helm'},
    ...(hasSail ? [{name: 'sail       the Sail operator in the cluster installs it', value: 'sail'}] : []),
    {name: 'none       the control plane already exists, or you install it yourself', value: 'none'},
  ])
  return via === 'istioctl' ? {} : {via}
}

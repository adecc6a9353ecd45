import {messageOf} from '../../errors.ts'
import type {Raw} from '../../spec/field.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {addressOrHost, dnsLabel} from '../../spec/texts.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import {askChoice, askText} from '../../terminal/prompts.ts'
import type {VmFacts, VmWhere} from './read.ts'
import {vmRegisterFields} from './spec.ts'
import {hostProblem, parseVmPort} from './spec-texts.ts'

type RawVm = RawSpec<typeof vmRegisterFields>

/**
 * Asks for what a registration lacks, with what was found as default and a word of why. `said` is without the context's
 * namespace; `look` reads the cluster. Returns `raw` itself when there was nothing to ask.
 */
export async function askVm(
  raw: RawVm,
  said: RawVm,
  look: (where: VmWhere) => Promise<VmFacts>,
  terminal: Terminal,
): Promise<RawVm> {
  const answered: Record<string, Raw> = {...raw}
  const isNew = raw.name === undefined || raw.serviceAccount === undefined
  if (!isNew) return raw
  if (raw.name === undefined)
    answered.name = await askText(terminal, {message: 'Name of the VM, or of a group of equal ones:', check: dnsLabel})
  if (said.namespace === undefined)
    answered.namespace = await askText(terminal, {
      message: 'Namespace (identities and Services are per namespace):',
      fallback: String(raw.namespace),
      check: dnsLabel,
    })
  const spec = readSpec(vmRegisterFields, answered as RawVm)
  const facts = await look({
    name: spec.name!,
    namespace: spec.namespace!,
    systemNamespace: spec.systemNamespace,
    revision: spec.revision,
  })
  if (raw.serviceAccount === undefined) {
    const there = [...facts.accounts.keys()].filter(name => name !== 'default')
    answered.serviceAccount = await askText(terminal, {
      message: `Service account: the identity that others allow or deny${there.length > 0 ? ` (there: ${there.join(', ')})` : ''}:`,
      fallback: spec.name!,
      check: dnsLabel,
    })
  }
  if (raw.ports === undefined)
    answered.ports = await askText(terminal, {
      message: 'Ports that it serves, NAME:NUMBER[:PROTOCOL[:TARGET]] with commas (empty: none):',
      check: portsProblem,
    })
  if (raw.hosts === undefined && answered.ports) {
    const host = await askText(terminal, {
      message: 'Name by which the mesh calls it (empty: it is called by no name of its own):',
      fallback: `${spec.name}.${spec.namespace}.svc.${spec.clusterDomain}`,
      check: text => (text === '' ? undefined : hostProblem(text)),
    })
    if (host !== '') answered.hosts = host
  }
  if (raw.addresses === undefined && raw.autoRegister === undefined) await askAddress(answered, terminal)
  return answered as RawVm
}

async function askAddress(answered: Record<string, Raw>, terminal: Terminal): Promise<void> {
  const how = await askChoice(terminal, 'How does the mesh learn its address?', [
    {name: 'the machine registers itself when it connects   (machines may come and go)', value: 'itself'},
    {name: 'I name it now   (it never changes)', value: 'address'},
  ])
  if (how === 'itself') answered.autoRegister = true
  else answered.addresses = await askText(terminal, {message: 'Its IP address:', check: addressOrHost})
}

function portsProblem(text: string): string | undefined {
  for (const part of text.split(',').filter(part => part !== ''))
    try {
      parseVmPort(part)
    } catch (error) {
      return `is wrong: ${messageOf(error).slice(part.length).replace(/^:? /, '')}`
    }
  return undefined
}

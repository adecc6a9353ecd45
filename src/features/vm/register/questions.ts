import {messageOf} from '../../../errors.ts'
import type {Raw} from '../../../spec/field.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {addressOrHost, dnsLabel} from '../../../spec/texts.ts'
import type {Terminal} from '../../../terminal/output/terminal.ts'
import {askChoice, askText} from '../../../terminal/prompts.ts'
import type {VmFacts, VmLocation} from '../facts.ts'
import {vmRegisterFields} from '../spec.ts'
import {hostProblem} from '../spec-names.ts'
import {parseVmPort} from '../spec-port.ts'

type RawVm = RawSpec<typeof vmRegisterFields>

/** The input with the answers so far, and the terminal to ask on. */
interface Interview {
  terminal: Terminal
  answers: Record<string, Raw>
}

/**
 * Asks for the missing fields of a new registration. A registration that has a name and a service account is complete, and so
 * is one that was recorded.
 *
 * @param raw the input, with the namespace of the context if none was set
 * @param input the input as the user gave it
 * @param read reads the recorded settings, and the cluster for defaults and choices
 * @returns `raw` itself if there was nothing to ask
 */
export async function askVm(
  raw: RawVm,
  input: RawVm,
  read: {stored(vm: VmLocation): Promise<RawVm | undefined>; facts(vm: VmLocation): Promise<VmFacts>},
  terminal: Terminal,
): Promise<RawVm> {
  if (raw.name !== undefined && raw.serviceAccount !== undefined) return raw
  const interview: Interview = {terminal, answers: {...raw}}
  const {answers} = interview
  await askName(interview, input)
  const {name, namespace, systemNamespace, revision, clusterDomain} = readSpec(vmRegisterFields, answers as RawVm)
  const vm = {name: name!, namespace: namespace!, systemNamespace, revision}
  if (await read.stored(vm)) return answers as RawVm
  const facts = await read.facts(vm)
  if (raw.serviceAccount === undefined) await askServiceAccount(interview, name!, facts)
  if (raw.ports === undefined) await askPorts(interview)
  if (raw.hosts === undefined && answers.ports) await askHost(interview, `${name}.${namespace}.svc.${clusterDomain}`)
  if (raw.addresses === undefined && raw.autoRegister === undefined) await askAddress(interview)
  await askGateway(interview, facts)
  return answers as RawVm
}

async function askName({terminal, answers}: Interview, input: RawVm): Promise<void> {
  answers.name ??= await askText(terminal, {
    message: 'What is the name of the VM, or of the group of identical VMs?',
    check: dnsLabel,
  })
  if (input.namespace === undefined)
    answers.namespace = await askText(terminal, {
      message: 'Which namespace should the VM belong to?',
      fallback: String(answers.namespace),
      check: dnsLabel,
    })
}

async function askServiceAccount({terminal, answers}: Interview, name: string, facts: VmFacts): Promise<void> {
  const existing = [...facts.accounts.keys()].filter(account => account !== 'default')
  const note = existing.length > 0 ? ` (existing: ${existing.join(', ')})` : ''
  answers.serviceAccount = await askText(terminal, {
    message: `Which service account should be the identity of the VM?${note}`,
    fallback: name,
    check: dnsLabel,
  })
}

async function askPorts({terminal, answers}: Interview): Promise<void> {
  answers.ports = await askText(terminal, {
    message: 'Which ports does the VM serve? (NAME:NUMBER[:PROTOCOL[:TARGET]], separated by commas; optional)',
    check: portsProblem,
  })
}

async function askHost({terminal, answers}: Interview, fallback: string): Promise<void> {
  const host = await askText(terminal, {
    message: 'Hostname in the mesh (optional)',
    fallback,
    check: text => (text === '' ? undefined : hostProblem(text)),
  })
  if (host !== '') answers.hosts = host
}

async function askAddress({terminal, answers}: Interview): Promise<void> {
  const choice = await askChoice(terminal, 'How does the mesh learn the address of the VM?', [
    {name: 'the VM registers itself when it connects   (for VMs that come and go)', value: 'register'},
    {name: 'I enter it now   (for a fixed address)', value: 'enter'},
  ])
  if (choice === 'register') answers.autoRegister = true
  else answers.addresses = await askText(terminal, {message: 'What is the IP address of the VM?', check: addressOrHost})
}

async function askGateway({terminal, answers}: Interview, {gateways}: VmFacts): Promise<void> {
  if (answers.gateway !== undefined || answers.gatewayAddress !== undefined || gateways.length > 0) return
  const message = 'The cluster has no east-west gateway, through which the VM reaches istiod. What should it use?'
  const choice = await askChoice(terminal, message, [
    {name: 'a new gateway with a load balancer', value: 'create'},
    {name: 'another address of istiod, which I enter now', value: 'enter'},
  ])
  if (choice === 'create') answers.gateway = true
  else
    answers.gatewayAddress = await askText(terminal, {
      message: 'At which address does the VM reach istiod?',
      check: addressOrHost,
    })
}

function portsProblem(text: string): string | undefined {
  for (const part of text.split(',').filter(part => part !== ''))
    try {
      parseVmPort(part)
    } catch (error) {
      return `contains an invalid port: ${messageOf(error)}`
    }
  return undefined
}

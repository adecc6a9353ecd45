import type {Terminal} from '../../terminal/output/terminal.ts'
import {askChoice} from '../../terminal/prompts.ts'
import type {InstallFacts} from './read.ts'
import type {RawInstall} from './spec.ts'

/**
 * Asks which tool renders the control plane, unless the input sets it. Every other value has a default.
 *
 * @returns `raw` itself if nothing was asked
 */
export async function askInstall(
  raw: RawInstall,
  {hasSail}: Pick<InstallFacts, 'hasSail'>,
  terminal: Terminal,
): Promise<RawInstall> {
  if (raw.via !== undefined) return raw
  const via = await askChoice(terminal, 'Which tool should render the control plane?', [
    {name: 'istioctl   rendered on this machine; you review every object before it is created', value: 'istioctl'},
    {name: 'helm       the istiod chart, rendered on this machine', value: 'helm'},
    ...(hasSail ? [{name: 'sail       the Sail operator in the cluster installs it', value: 'sail'}] : []),
  ])
  return {...raw, via}
}

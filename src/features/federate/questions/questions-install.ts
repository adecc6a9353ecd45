import {hasSailOperator} from '../../../control-plane/sail.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import type {Terminal} from '../../../terminal/output/terminal.ts'
import {askChoice, type Choice} from '../../../terminal/prompts.ts'
import {findTool} from '../../../tools/run-tool.ts'

/** The clusters in which federate cannot work before a control plane, or the injection of a remote, is installed. */
export function lackingIstio(all: readonly MeshMember[]): MeshMember[] {
  return all.filter(({primary, controlPlane, facts}) =>
    primary === undefined ? controlPlane === undefined : !facts?.primaryRemote?.injector,
  )
}

/**
 * Asks which tool should install Istio in clusters that have none.
 *
 * @returns a value of `--control-plane`
 */
export async function askInstall(
  lacking: readonly MeshMember[],
  istioctl: string | undefined,
  terminal: Terminal,
): Promise<string> {
  const [hasIstioctl, hasHelm, hasSail] = await Promise.all([
    findTool(istioctl ?? 'istioctl'),
    findTool('helm'),
    Promise.all(lacking.map(({facts}) => facts && hasSailOperator(facts.cluster))),
  ])
  const names = lacking.map(({context}) => context).join(', ')
  const lacks = lacking.every(({primary}) => primary !== undefined) ? 'sidecar injection' : 'Istio'
  const verb = lacking.length === 1 ? 'has' : 'have'
  return askChoice(terminal, `${names} ${verb} no ${lacks}. Install it now?`, [
    choice('istioctl', 'rendered by your istioctl', hasIstioctl ? undefined : 'not found in PATH'),
    choice('helm', 'rendered by Helm from the chart istio/istiod', hasHelm ? undefined : 'not found in PATH'),
    choice(
      'sail',
      'installed by the Sail operator',
      hasSail.every(Boolean) ? undefined : 'the operator is not installed',
    ),
    {name: 'no         show how to install it, and end', short: 'no', value: 'keep'},
  ])
}

function choice(value: string, about: string, disabled: string | undefined): Choice {
  return {
    name: `${value.padEnd(10)} ${about}`,
    short: value,
    value,
    ...(disabled === undefined ? {} : {disabled: `(${disabled})`}),
  }
}

import {missingSailOperator} from '../../control-plane/sail.ts'
import type {Check, ReportedFinding} from '../../findings/check.ts'
import type {ControlPlane} from '../../istio/control-plane.ts'
import {isByInstall} from '../../mesh/control-plane/stored.ts'
import type {RawSpec} from '../../spec/read.ts'
import {shellWord} from '../../text/shell-word.ts'
import type {InstallFacts} from './read.ts'
import {type Install, installFields} from './spec.ts'

/** What the checks before an installation receive. */
export interface InstallSubject {
  spec: Pick<Install, 'via' | 'systemNamespace' | 'revision'>
  facts: Pick<InstallFacts, 'controlPlanes' | 'proved' | 'tags' | 'hasSail' | 'isFederated' | 'membership'>
}

const sailOperator: Check<InstallSubject> = {
  id: 'sail-operator',
  about: 'the Sail operator is installed',
  run: ({spec, facts}) => (spec.via === 'sail' && !facts.hasSail ? [missingSailOperator('--via istioctl')] : []),
}

const revisionIsNoTag: Check<InstallSubject> = {
  id: 'revision',
  about: 'the revision is not a revision tag',
  run: ({spec: {revision}, facts}) => {
    const tagged = revision === undefined ? undefined : facts.tags.get(revision)
    if (tagged === undefined || tagged === revision) return []
    return [
      {
        message: `${revision} is a revision tag, for revision ${tagged}`,
        hints: [`--revision ${shellWord(tagged)} changes that control plane; choose another name for a new one`],
      },
    ]
  },
}

const otherNamespaces: Check<InstallSubject> = {
  id: 'other-control-planes',
  about: 'no control plane in another namespace watches the same namespaces',
  run: ({spec, facts}) =>
    facts.controlPlanes
      .filter(
        ({namespace, discoverySelectors}) => namespace !== spec.systemNamespace && discoverySelectors.length === 0,
      )
      // Whoever administers a namespace can create a Deployment named istiod there.
      .filter(({namespace}) => facts.proved.has(namespace))
      .map(({namespace, revision}) => ({
        message: `istiod ${revision} in namespace ${namespace} watches all namespaces, as this control plane would`,
        hints: [
          `to change that control plane: --system-namespace ${shellWord(namespace)}`,
          'for a control plane that serves a group of namespaces: kubectl mesh tenant add NAME',
        ],
      })),
}

const federation: Check<InstallSubject> = {
  id: 'federation',
  about: 'mesh federate does not manage the control plane',
  run: ({facts: {isFederated, membership}}) =>
    isFederated && membership.parent !== undefined && !isByInstall(membership.parent)
      ? [
          {
            message: 'kubectl mesh federate manages this control plane, with the values of the mesh',
            hints: ['run kubectl mesh federate with --control-plane to change it'],
          },
        ]
      : [],
}

/** Checks before a control plane is installed. */
export const installChecks: readonly Check<InstallSubject>[] = [
  sailOperator,
  revisionIsNoTag,
  otherNamespaces,
  federation,
]

/** The fields that a control plane shows, and the value that it has. */
const visible = {
  meshId: (live: ControlPlane) => live.meshId,
  clusterName: (live: ControlPlane) => live.cluster,
  network: (live: ControlPlane) => live.network,
  trustDomain: (live: ControlPlane) => live.trustDomain,
}

/** The fields that only a rendering applies. */
const rendered = ['profile', 'set', 'values'] as const

/**
 * Returns what the input asks for and a control plane of another installer does not have.
 *
 * @param raw flags, answers and the mesh file
 * @param name of the cluster
 */
export function differencesFrom(
  raw: RawSpec<typeof installFields>,
  live: ControlPlane,
  name: string,
): ReportedFinding[] {
  const managed = `change it with ${live.manager?.name ?? 'the tool that installed it'}, or add --force-conflicts to take over its objects`
  const finding = (message: string): ReportedFinding => ({
    ...{level: 'error', check: 'existing-control-plane', cluster: name, message, hints: [managed]},
  })
  const differing = Object.entries(visible).flatMap(([field, valueIn]) => {
    const requested = raw[field as keyof typeof visible]
    const found = valueIn(live)
    if (requested === undefined || requested === found) return []
    const {flag} = installFields[field as keyof typeof visible]
    return [finding(`--${flag} ${String(requested)}: the existing control plane has ${found ?? 'none'}`)]
  })
  const ignored = rendered.filter(field => raw[field] !== undefined).map(field => `--${installFields[field].flag}`)
  if (ignored.length === 0) return differing
  return [
    ...differing,
    finding(
      `${ignored.join(', ')} ${ignored.length === 1 ? 'has' : 'have'} no effect: kubectl-mesh did not install the existing control plane`,
    ),
  ]
}

import type {Check, Finding} from '../../../findings/check.ts'
import {goBool} from '../../../istio/istiod.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import {someOf} from '../../../text/count.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {caChangeChecks} from '../change/checks.ts'
import type {Stage} from './istio-stages.ts'
import type {RotationMember} from './read.ts'

/** The part of a cluster that is checked. */
export type CheckedRotation = Omit<RotationMember, 'cluster' | 'secret'> & {stage: Stage | undefined}

/** What is checked before a stage of a change of the root. */
export interface RotationSubject {
  members: readonly CheckedRotation[]
  /** The CA folder. */
  folder: string
  /** Clusters with a CA below the old root in the folder. */
  inFolder: readonly string[]
  /** `--vms-renewed`. */
  vmsRenewed: boolean
  /** The stage that follows; undefined if it does not depend on VMs. */
  to: Stage | undefined
}

type RotationCheck = Check<RotationSubject>

/** Returns a check of each cluster alone. */
function each(
  id: string,
  about: string,
  find: (member: CheckedRotation, subject: RotationSubject) => Omit<Finding, 'cluster'>[],
): RotationCheck {
  return {
    id,
    about,
    run: subject =>
      subject.members.flatMap(member => find(member, subject).map(finding => ({cluster: member.name, ...finding}))),
  }
}

const knownStage = each(
  'ca-rotation-stage',
  'every cluster trusts the root in the CA folder, the new one of an unfinished change, or both',
  ({stage, data, controlPlane}, {folder}) =>
    stage !== undefined || !data || !controlPlane
      ? []
      : [
          {
            message: `root-cert.pem in cacerts is neither the root in ${folder}, nor that root with its successor`,
            hints: ['set the CA folder of this mesh: --dir DIR'],
          },
        ],
)

const complete = each(
  'ca-rotation-complete',
  'all clusters of the mesh are among --contexts',
  ({readClusters, controlPlane}, {members}) => {
    const known = new Set(members.map(({name}) => name))
    const missing = readClusters.filter(name => !known.has(name))
    return [
      ...(missing.length > 0
        ? [
            {
              message: `istiod reads ${someOf(missing)} too, whose workloads would not trust the new root`,
              hints: ['add the contexts to --contexts; kubectl mesh federate remove ends the access to a lost cluster'],
            },
          ]
        : []),
      ...(controlPlane?.servesRemotes
        ? [
            {
              message: 'istiod serves remote clusters (EXTERNAL_ISTIOD), whose workloads are not observed',
              hints: ['the root of a primary with remote clusters cannot be changed with this command'],
            },
          ]
        : []),
    ]
  },
)

/** Without it, istiod ignores another root. */
const multiRoot = each(
  'ca-rotation-multiroot',
  'istiod accepts several roots (ISTIO_MULTIROOT_MESH)',
  ({multiRoot: values}) =>
    [...values]
      .filter(([, value]) => goBool(value) !== true)
      .map(([name]) => ({
        message: `ISTIO_MULTIROOT_MESH is not set in Deployment ${name}, so that istiod would ignore another root`,
        hints: ['set it where istiod is installed: values.pilot.env.ISTIO_MULTIROOT_MESH=true'],
      })),
)

/** Other proxies learn of a root with their next certificate, within a day. */
const agents = each(
  'ca-rotation-agents',
  'every proxy follows the roots that istiod sends (PROXY_CONFIG_XDS_AGENT)',
  ({proxies, context}) => {
    const without = proxies.filter(({followsRoots}) => !followsRoots)
    if (without.length === 0) return []
    const [first] = without
    const names = someOf(without.map(({namespace, name}) => `${namespace}/${name}`))
    return [
      {
        message: `${without.length} of ${proxies.length} proxies do not follow a change of the roots: ${names}`,
        hints: [
          'set meshConfig.defaultConfig.proxyMetadata.PROXY_CONFIG_XDS_AGENT to "true", with quotes',
          `then restart the workloads: kubectl ${contextFlags(context)} -n ${shellWord(first!.namespace)} rollout restart deployment`,
        ],
      },
    ]
  },
)

/** ztunnel keeps only one root (istio#47427). */
const noAmbient = each('ca-rotation-ambient', 'no namespace is in ambient mode', ({ambientNamespaces, controlPlane}) =>
  ambientNamespaces.length === 0 || !controlPlane?.ambient
    ? []
    : [
        {
          message: `ztunnel trusts only one root, and serves ${someOf(ambientNamespaces)}`,
          hints: [
            'move the workloads to sidecars first: remove the label istio.io/dataplane-mode, and add that of injection',
          ],
        },
      ],
)

/** A VM connects to istiod with the roots in its own files. */
const vms = each('ca-rotation-vms', 'VMs have both roots', ({vms: found}, {to, vmsRenewed}) => {
  if (found.length === 0 || vmsRenewed || (to !== 'issue' && to !== 'new')) return []
  const [namespace, name] = found[0]!.split('/')
  return [
    {
      message: `VMs may trust only the old root: ${someOf(found)}`,
      hints: [
        `update each: kubectl mesh vm renew ${shellWord(name!)} -n ${shellWord(namespace!)}`,
        'then confirm it: --vms-renewed',
      ],
    },
  ]
})

const revertable = each(
  'ca-rotation-folder',
  'the CA folder contains the CA of every cluster, so that the change can be reverted',
  ({name, stage}, {folder, inFolder}) =>
    stage === undefined || inFolder.includes(name)
      ? []
      : [
          {
            message: `${folder} has no CA for ${name}, so that the change could not be reverted`,
            hints: [`kubectl mesh ca issue --dir ${shellWord(folder)} --cluster ${shellWord(name)}`],
          },
        ],
)

/** The checks before each stage. Those of the CAs themselves come first. */
export const rotationChecks: readonly RotationCheck[] = [
  knownStage,
  complete,
  multiRoot,
  agents,
  noAmbient,
  vms,
  revertable,
]

/** The checks of the CAs: the certificates that istiods serve are not compared while a stage is in progress. */
export const caChecks = caChangeChecks.filter(({id}) => id !== 'ca-used')

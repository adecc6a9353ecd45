import {isDeepStrictEqual} from 'node:util'
import {idLabel} from '../../../engine/kubernetes/applyset-parent.ts'
import {type KubernetesObject, nameOf, type ObjectRef, refKey, refOf} from '../../../engine/kubernetes/object.ts'
import type {Step} from '../../../engine/plan/plan.ts'
import {exitCodes, MeshError, type Problem} from '../../../errors.ts'
import {findSecretIn} from '../../../spec/documents/secrets.ts'
import {objectsOf, type PlannedObject} from '../../../terminal/output/objects.ts'
import {isSecret} from '../../../terminal/output/redact.ts'
import {isMap} from '../../../text/json.ts'
import {inKeyOrder} from '../../../text/yaml.ts'
import {type AppliedDocument, titleOf} from '../kind.ts'
import type {PlannedDocument} from '../planned.ts'
import {ambiguousClusters, plansByCluster} from '../report-plans.ts'
import {type CredentialOrigin, credentialOf} from './objects-secrets.ts'
import type {SecretChoice} from './spec-secrets.ts'

/** Something that is not written to Git. */
export interface LeftOut {
  ref: ObjectRef
  wave: number
  reason: 'secret' | 'record' | 'pending' | 'edit' | 'removal'
  /** Whether an apply would write it: the cluster lacks it, or has another value. */
  isMissing: boolean
}

/** An object with the documents that it comes from. */
export interface RenderedObject extends PlannedObject {
  /** Keys of the documents (see `documentKey`), or kinds of documents that share the object. */
  documents: string[]
  /** Set for a Secret to encrypt, and for what stands for a Secret. */
  credential?: CredentialOrigin
}

/** The objects of one cluster, each once. */
export interface RenderedCluster {
  /** Name of the cluster in the mesh. */
  cluster: string
  objects: RenderedObject[]
  leftOut: LeftOut[]
}

/** An object with the documents that it comes from, for messages. */
interface Sourced extends RenderedObject {
  titles: string[]
}

/** Returns what identifies a document in all runs: `Tenant shop in east`. */
export function documentKey({kind, name, context}: AppliedDocument): string {
  return `${kind.kind} ${name}${context ? ` in ${context}` : ''}`
}

/**
 * Returns what an engine applies: all objects of the documents, also those that the clusters have already, so that the result does
 * not depend on who has applied them. No record is among them. An object of several documents has the fields of all.
 *
 * Threat: with `sops`, Secrets are among them in clear text. `sealParts` encrypts them, and `writeRender` rejects any other.
 *
 * @throws MeshError (exit 3) if two documents set a field of one object to different values, two clusters have one name, or an object
 *   that is no Secret contains a private key or a token
 */
export function renderedClusters(
  planned: readonly PlannedDocument[],
  secrets: SecretChoice = {mode: 'none'},
): RenderedCluster[] {
  const documents = new Map<Step, AppliedDocument>()
  for (const {document, plans} of planned)
    for (const step of plans.flatMap(({steps}) => steps)) documents.set(step, document)
  const problems: Problem[] = []
  const clusters = plansByCluster(planned).map(({cluster, steps}) => {
    const objects = new Map<string, Sourced>()
    const leftOut: LeftOut[] = []
    for (const step of steps) {
      const document = documents.get(step)!
      const rendered = renderStep(cluster, step, document, secrets)
      if ('reason' in rendered) {
        leftOut.push(rendered)
        continue
      }
      const key = refKey(refOf(rendered.object))
      const next = {...rendered, documents: [originOf(step, document)], titles: [titleOf(document)]}
      const known = objects.get(key)
      objects.set(key, known ? mergeObjects(known, next, cluster, problems) : next)
    }
    return {cluster, objects: [...objects.values()].map(({titles: _, ...object}) => object), leftOut}
  })
  problems.push(...nameProblems(planned), ...clusters.flatMap(clearTextProblems))
  if (problems.length > 0) throw new MeshError(problems, exitCodes.refused)
  return clusters
}

/** The folder of a cluster, and its kubeconfig in the engine, have the name of the cluster. */
function nameProblems(planned: readonly PlannedDocument[]): Problem[] {
  return [...ambiguousClusters(planned)].map(([name, contexts]) => ({
    message: `the clusters of the contexts ${contexts.join(' and ')} have the same name ${name}`,
    hints: ['give one of them another name, such as with clusterName in its Federation'],
  }))
}

/**
 * Returns a problem for each object that contains a private key or a token in clear text. It is no Secret: values of a chart and settings
 * of a mesh contain what a user has put there.
 */
function clearTextProblems({cluster, objects}: RenderedCluster): Problem[] {
  return objects.flatMap(({object, credential}) => {
    const found = credential ? undefined : findSecretIn(object)
    if (!found) return []
    return [
      {
        message: `${cluster}: ${placedName(object)} contains ${found.what}, which would be in Git`,
        hints: ['put it into a Secret, and refer to that'],
      },
    ]
  })
}

/** What several documents of a kind share is in the plan of the first one only. */
function originOf({change}: Step, document: AppliedDocument): string {
  const isCommon = change.action === 'apply' && (change.memberOf !== undefined || change.stays === true)
  return isCommon ? document.kind.kind : documentKey(document)
}

function renderStep(
  cluster: string,
  step: Step,
  document: AppliedDocument,
  secrets: SecretChoice,
): Omit<RenderedObject, 'documents'> | LeftOut {
  const {objects, leftOut} = objectsOf({cluster, steps: [step]}, true)
  const [object] = objects
  if (object && !isSecret(object.object) && !isRecord(object.object)) return object
  const credential = object && credentialOf(object, step, {document: document.name, cluster}, secrets)
  if (credential) return credential
  const {change, ref, verdict} = step
  const reason = (): LeftOut['reason'] => {
    if (change.action === 'remove') return 'removal'
    if (object) return isSecret(object.object) ? 'secret' : 'record'
    return leftOut.edits > 0 ? 'edit' : 'pending'
  }
  return {ref, wave: change.wave, reason: reason(), isMissing: verdict !== 'unchanged'}
}

/**
 * Returns whether an object is the record of a command. Each apply writes its list of members. An engine that applied the record
 * would take the list away, and Flux also removes what a field manager with a name like ours has added.
 */
function isRecord({kind, metadata: {labels}}: KubernetesObject): boolean {
  return kind === 'ConfigMap' && labels?.[idLabel] !== undefined
}

/** The earlier wave counts: what follows may need the object. */
function mergeObjects(first: Sourced, second: Sourced, cluster: string, problems: Problem[]): Sourced {
  const clashes: string[] = []
  const object = mergeValues(first.object, second.object, [], clashes) as KubernetesObject
  if (clashes.length > 0) problems.push(clashProblem(first, second, cluster, clashes))
  return {
    wave: Math.min(first.wave, second.wave),
    object: inKeyOrder(object),
    ...(first.isShared || second.isShared ? {isShared: true} : {}),
    ...(first.credential ? {credential: first.credential} : {}),
    documents: [...new Set([...first.documents, ...second.documents])],
    titles: [...new Set([...first.titles, ...second.titles])],
  }
}

function mergeValues(first: unknown, second: unknown, path: readonly string[], clashes: string[]): unknown {
  if (isMap(first) && isMap(second)) {
    const values = new Map(Object.entries(first))
    for (const [key, value] of Object.entries(second))
      values.set(key, values.has(key) ? mergeValues(values.get(key), value, [...path, key], clashes) : value)
    return Object.fromEntries(values)
  }
  if (!isDeepStrictEqual(first, second)) clashes.push(path.join('.'))
  return first
}

/** Kind, name and namespace of an object, for messages. */
export function placedName(object: KubernetesObject): string {
  const {namespace} = object.metadata
  return `${nameOf(refOf(object))}${namespace === undefined ? '' : ` in ${namespace}`}`
}

function clashProblem(first: Sourced, second: Sourced, cluster: string, clashes: readonly string[]): Problem {
  const {object} = first
  const titles = [...first.titles, ...second.titles]
  return {
    message: `${cluster}: ${placedName(object)}: ${titles.join(' and ')} set ${clashes.join(', ')} to different values`,
    hints: ['an engine can apply only one of them; change one of the documents'],
  }
}

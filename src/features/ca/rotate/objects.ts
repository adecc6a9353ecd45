import type {Apply} from '../../../engine/kubernetes/change.ts'
import {buildCaSecret} from '../../../mesh/ca/objects.ts'
import {type CaCerts, caFiles} from '../../../pki/ca-certs.ts'
import type {CaMember} from '../change/read.ts'
import {rootText, type Stage} from './istio-stages.ts'

/** Annotation of `cacerts` while both roots are trusted: the stage. It changes in the same write as the CA. */
export const stageAnnotation = 'kubectl-mesh.io/ca-rotation'

/** The CAs of one cluster below both roots. */
export interface StageCas {
  old: CaCerts
  next: CaCerts
}

/**
 * Builds the Secret `cacerts` of a stage. A CA that stays keeps its bytes.
 *
 * @param stage the stage that follows
 * @param isBelow the root below which the CA in the cluster is
 */
export function buildStage(
  {name, systemNamespace, data}: Pick<CaMember, 'name' | 'systemNamespace' | 'data'>,
  {stage, isBelow, cas}: {stage: Stage; isBelow: 'old' | 'next'; cas: StageCas},
): Apply {
  const wanted = stage === 'old' || stage === 'trust' ? 'old' : 'next'
  const pair = wanted === isBelow ? pairIn(data) : cas[wanted]
  const rootCert = rootText(stage, data?.[caFiles.rootCert] ?? '', cas.next.rootCert)
  const change = buildCaSecret({...pair, rootCert}, name, systemNamespace)
  if (stage === 'old' || stage === 'new') return change
  const {object} = change
  return {...change, object: {...object, metadata: {...object.metadata, annotations: {[stageAnnotation]: stage}}}}
}

/** The CA in the cluster, as it is. */
function pairIn(data: CaMember['data']): Omit<CaCerts, 'rootCert'> {
  const text = (key: string) => data?.[key] ?? ''
  return {caCert: text(caFiles.caCert), caKey: text(caFiles.caKey), certChain: text(caFiles.certChain)}
}

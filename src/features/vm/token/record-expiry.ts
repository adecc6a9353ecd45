import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {ApiError, UnreachableError} from '../../../engine/cluster/errors.ts'
import {applySetParentRef} from '../../../engine/kubernetes/applyset.ts'
import {exitCodes, MeshError, messageOf, refusedError} from '../../../errors.ts'
import type {Run} from '../../../run/run.ts'
import type {VmLocation} from '../facts.ts'
import {vmApplySet} from '../objects.ts'
import {readRecord} from '../registration.ts'
import {tokenExpiryData, tokenExpiryOf} from './spec-expiry.ts'

/** How often the time is written when another run changes the record at the same time. */
const tries = 6

/**
 * Stores in the record of a VM when the token that was issued last expires. Called after the token was written, so that the record
 * never shows a later time than the token has. A user who may renew tokens need not be allowed to write the record: then the time
 * stays unknown, with a warning.
 *
 * @throws MeshError (exit 4) if the time could not be written
 */
export async function recordTokenExpiry(
  cluster: Cluster,
  vm: VmLocation,
  expires: Date,
  {terminal}: Pick<Run, 'terminal'>,
): Promise<void> {
  try {
    await writeExpiry(cluster, vm, expires)
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof UnreachableError || error instanceof MeshError)) throw error
    const {namespace, name} = vmApplySet(vm)
    const message = `the token was issued, but ConfigMap ${namespace}/${name} does not store when it expires: ${messageOf(error)}`
    if (!(error instanceof ApiError && error.status === 403))
      throw new MeshError({message, hints: ['run the same command again']}, exitCodes.partly, error)
    terminal.message([`warning: ${message}`, 'hint:  mesh check and mesh vm list show it only if it is stored'])
  }
}

async function writeExpiry(cluster: Cluster, vm: VmLocation, expires: Date): Promise<void> {
  const target = applySetParentRef(vmApplySet(vm))
  for (let attempt = 1; ; attempt++) {
    const record = await readRecord(cluster, vm)
    if (!record) throw refusedError('it no longer exists')
    if (tokenExpiryOf(record)?.getTime() === expires.getTime()) return
    const {resourceVersion} = record.metadata
    try {
      await cluster.patch(target, {metadata: {resourceVersion}, data: tokenExpiryData(expires)})
      return
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 409) || attempt >= tries) throw error
    }
  }
}

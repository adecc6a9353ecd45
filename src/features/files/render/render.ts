import {type ExitCode, exitCodes} from '../../../errors.ts'
import type {Run} from '../../../run/run.ts'
import type {AppliedDocument} from '../kind.ts'
import {planDocuments} from '../plan.ts'
import {laterLines} from '../report-plan.ts'
import {renderedClusters} from './objects.ts'
import {requireComplete, requireSameMode, unplannedObjects, withObjects} from './objects-earlier.ts'
import {layoutOf} from './objects-layout.ts'
import {pathInRepository} from './read-repository.ts'
import {renderSummary} from './report.ts'
import {sealParts} from './seal.ts'
import type {RenderChoice} from './spec.ts'
import {readEarlier, writeRender} from './write.ts'

/**
 * Writes what a set of documents describes as files for Git, with the objects of the engine that applies them. Only reads clusters.
 *
 * @param documents in the order in which they are applied
 * @param apply command that applies the same documents
 * @param run a server dry run
 * @throws MeshError as `planDocuments`, `renderedClusters`, `layoutOf`, `readEarlier`, `sealParts` and `writeRender`, before the first write
 */
export async function renderFiles(
  documents: readonly AppliedDocument[],
  choice: RenderChoice,
  apply: string,
  run: Run,
): Promise<ExitCode> {
  const {folder, engine, secrets} = choice
  const gitPath = engine === 'kustomize' ? '' : (choice.gitPath ?? (await pathInRepository(folder)))
  const earlier = await readEarlier(folder)
  requireSameMode(earlier, secrets)
  const {planned} = await planDocuments(documents, run)
  run.terminal.message(laterLines(planned))
  const current = renderedClusters(planned, secrets)
  const {kept, unneeded} = unplannedObjects(earlier, current, planned)
  if (choice.prune) requireComplete(unneeded, planned)
  const rendered = withObjects(current, [...kept, ...(choice.prune ? [] : unneeded)])
  const parts = await sealParts(layoutOf(rendered, choice, trimmed(gitPath)), earlier, folder, run.signal)
  run.signal.throwIfAborted()
  const {files, removed} = await writeRender(folder, parts)
  if (files.length > 0) run.terminal.print(files.join('\n'))
  const filled = new Set(earlier.map(({cluster}) => cluster))
  const result = {written: files.length, removed, kept, unneeded: choice.prune ? [] : unneeded, filled}
  run.terminal.message(renderSummary(rendered, planned, result, choice, apply))
  return exitCodes.ok
}

/** `./fleet/` is `fleet`, and `.` is the root. */
function trimmed(path: string): string {
  return path
    .split(/[/\\]/)
    .filter(name => name !== '' && name !== '.')
    .join('/')
}

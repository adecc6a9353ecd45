import type {Ground} from './ground.ts'

/**
 * Returns the words of `kubectl mesh federate remove` on a ground.
 *
 * @param leaving cluster that leaves
 * @param staying clusters that stay, separated by commas
 */
export function removalOf({namespace}: Ground, leaving: string, staying: string): string[] {
  return ['federate', 'remove', '--contexts', leaving, '--from', staying, '--system-namespace', namespace]
}

import {shellWord} from '../../text/shell-word.ts'
import type {Addon} from './objects.ts'

/**
 * Returns what to do after an installation.
 *
 * @param isReady the pods are available
 */
export function nextSteps(addons: readonly Pick<Addon, 'name' | 'spec'>[], isReady: boolean): string[] {
  const names = addons.map(({name}) => name)
  const kiali = addons.find(({name}) => name === 'kiali')
  return [
    ...(isReady ? [`${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} ready`] : []),
    ...(kiali ? kialiSteps(kiali) : []),
  ]
}

function kialiSteps({spec: {auth, namespace}}: Pick<Addon, 'spec'>): string[] {
  const open = `hint:  next: kubectl mesh addon open kiali${auth === 'token' ? ' --print-token' : ''}`
  if (auth === 'openid')
    return [
      open,
      `hint:  if the provider requires a client secret: kubectl -n ${shellWord(namespace)} create secret generic kiali --from-file=oidc-secret=FILE`,
    ]
  const isOpen = auth === undefined || auth === 'anonymous'
  return [
    open,
    ...(isOpen ? ['hint:  Kiali has no login unless its manifest sets one; --auth token or openid adds one'] : []),
  ]
}

import {readFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import {withContext, withHintContext} from '../../src/spec/hint-context.ts'

test.each([
  ['kubectl -n a logs b -c istio-proxy', 'kubectl --context east -n a logs b -c istio-proxy'],
  ['change it: kubectl get services -A', 'change it: kubectl --context east get services -A'],
  ['kubectl mesh tenant add shop', 'kubectl mesh tenant add --context east shop'],
  ['kubectl mesh install', 'kubectl mesh install --context east'],
  ['kubectl mesh install status', 'kubectl mesh install status --context east'],
  [
    'istioctl tag remove default; kubectl delete service a',
    'istioctl tag --context east remove default; kubectl --context east delete service a',
  ],
  ['run helm upgrade istiod istio/istiod', 'run helm upgrade --kube-context east istiod istio/istiod'],
])('%s names the context', (hint, expected) => expect(withContext(hint, 'east')).toBe(expected))

test.each([
  'kubectl --context west -n a get pods',
  'kubectl mesh vm verify a --context west',
  'kubectl --kubeconfig a.yaml get pods',
  'kubectl mesh federate verify --contexts a,b',
  'kubectl mesh federate creates it',
  'was not created by kubectl mesh',
  'which kubectl rejects too',
  'kubectl config get-contexts lists the contexts',
])('%s stays', hint => expect(withContext(hint, 'east')).toBe(hint))

test('the current context needs no flag, and another name is quoted', () => {
  expect(withContext('kubectl get pods', '')).toBe('kubectl get pods')
  expect(withContext('kubectl get pods', 'a b')).toBe("kubectl --context 'a b' get pods")
  expect(withContext('kubectl mesh vm list', 'east=./e.yaml')).toBe('kubectl mesh vm list --kubeconfig ./e.yaml')
})

test('all hints of a problem name it; its message stays', () => {
  const problem = {message: 'kubectl get pods failed', hints: ['kubectl get pods', 'wait']}
  expect(withHintContext(problem, 'east')).toEqual({...problem, hints: ['kubectl --context east get pods', 'wait']})
  expect(withHintContext({message: 'a'}, 'east')).toEqual({message: 'a'})
})

test('every command with --context is known', () => {
  // Their documents name contexts.
  const ofFiles = ['apply', 'diff', 'fn', 'plan', 'render']
  const {commands} = JSON.parse(readFileSync('oclif.manifest.json', 'utf8')) as {
    commands: Record<string, {flags: Record<string, {hidden?: boolean}>}>
  }
  const ids = Object.entries(commands).flatMap(([id, {flags}]) =>
    flags.context && !ofFiles.includes(id) ? [id.replaceAll(':', ' ')] : [],
  )
  expect(ids.length).toBeGreaterThan(20)
  for (const id of ids) expect(withContext(`kubectl mesh ${id} a`, 'east')).toBe(`kubectl mesh ${id} --context east a`)
})

import {PassThrough} from 'node:stream'
import {expect, test} from 'vitest'
import {namingContext} from '../../src/terminal/hint-terminal.ts'
import {openTerminal} from '../../src/terminal/output/terminal.ts'

function open(context: string) {
  const stream = () => new PassThrough({encoding: 'utf8'})
  const source = {stdin: {}, stdout: stream(), stderr: stream(), env: {LANG: 'C.UTF-8'}}
  return {terminal: namingContext(openTerminal({}, source), context), ...source}
}

test('hints in messages and texts name the context; data and other lines stay', () => {
  const {terminal, stdout, stderr} = open('east')
  terminal.message(['warning: kubectl get pods failed', 'hint:  kubectl get pods'])
  terminal.message('kubectl mesh locality status a shows the endpoints')
  terminal.print([{text: '      hint: kubectl -n a get pods'}], 'text')
  terminal.print('hint: kubectl get pods\n')
  expect(stderr.read()).toBe(
    'warning: kubectl get pods failed\nhint:  kubectl --context east get pods\nkubectl mesh locality status --context east a shows the endpoints\n',
  )
  expect(stdout.read()).toBe('      hint: kubectl --context east -n a get pods\nhint: kubectl get pods\n')
})

test('the current context is not named', () => {
  const {terminal, stderr} = open('')
  terminal.message('hint:  kubectl get pods')
  expect(stderr.read()).toBe('hint:  kubectl get pods\n')
})

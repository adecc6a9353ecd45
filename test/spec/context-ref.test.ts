import {expect, test} from 'vitest'
import {clusterNameFrom, contextFlags, parseContextReference, referencesAmong} from '../../src/spec/context-ref.ts'
import {dnsLabel} from '../../src/spec/texts.ts'

test.each([
  ['east', 'east'],
  ['gke_my-project_europe-west1-b_prod', 'prod'],
  ['gke_example.com:project_us-east1_prod-2', 'prod-2'],
  ['arn:aws:eks:eu-west-1:123456789012:cluster/shop', 'shop'],
  ['arn:aws-cn:eks:cn-north-1:123456789012:cluster/Shop_1', 'shop-1'],
  ['kubernetes-admin@kubernetes', 'kubernetes'],
  ['jane@shop.eu-west-1.eksctl.io', 'shop'],
  ['i-0123@mail.com@shop.eu-west-1.eksctl.io', 'shop'],
  ['default/api-east-example-com:6443/kube:admin', 'api-east-example-com'],
  ['admin@talos.east', 'talos-east'],
  ['teleport.example.com-east', 'teleport-example-com-east'],
  ['East Cluster', 'east-cluster'],
  ['east=./k3s-east.yaml', 'east'],
  [`gke_p_z_${'a'.repeat(70)}`, 'a'.repeat(63)],
])('the default cluster name of %s is %s', (context, name) => {
  expect(clusterNameFrom(context)).toBe(name)
  expect(dnsLabel(name)).toBeUndefined()
})

test('a context without letters and digits gives no name', () => {
  expect(['日本', '/'].map(clusterNameFrom)).toEqual(['日本', '/'])
})

test.each([
  ['east=./k3s-east.yaml', {name: 'east', file: './k3s-east.yaml', context: ''}],
  ['west=k3s.yaml#default', {name: 'west', file: 'k3s.yaml', context: 'default'}],
  ['west=/etc/k3s#a#b', {name: 'west', file: '/etc/k3s', context: 'a#b'}],
  ['west=../a=b/kubeconfig', {name: 'west', file: '../a=b/kubeconfig', context: ''}],
])('%s is a context in a file', (text, reference) => {
  expect(parseContextReference(text)).toEqual(reference)
})

test.each(['east', 'a=b', 'East=./a.yaml', '=./a.yaml', 'east=', 'east=#default', 'a@b.c=d'])(
  '%s is the name of a context',
  text => {
    expect(parseContextReference(text)).toBeUndefined()
  },
)

test('a tilde in the path is the home folder', () => {
  expect(parseContextReference('east=~/k3s.yaml')?.file).toBe(`${process.env.HOME}/k3s.yaml`)
})

test('the flags of a command select the context and its file', () => {
  expect(contextFlags('a b')).toBe("--context 'a b'")
  expect(contextFlags('east=./k3s.yaml')).toBe('--kubeconfig ./k3s.yaml')
  expect(contextFlags('east=./my k3s.yaml#de fault')).toBe("--kubeconfig './my k3s.yaml' --context 'de fault'")
  expect(contextFlags('east=./k3s.yaml#default', '--kube-context')).toBe(
    '--kubeconfig ./k3s.yaml --kube-context default',
  )
})

test('a chosen name stands for its reference', () => {
  const complete = referencesAmong(['east=./k3s.yaml', 'west'])
  expect(['east', 'west', 'other'].map(complete)).toEqual(['east=./k3s.yaml', 'west', 'other'])
})

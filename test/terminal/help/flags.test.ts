import {expect, test} from 'vitest'
import {flagLabel, flagRows} from '../../../src/terminal/help/flags.ts'
import {wrapWords} from '../../../src/text/width.ts'

const wrap = (text: string, indentation: number) => wrapWords(text, 60 - indentation).join('\n')

test('labels', () => {
  expect(flagLabel({name: 'output', char: 'o', type: 'option', options: ['yaml', 'json']})).toBe(
    '-o, --output=yaml|json',
  )
  expect(flagLabel({name: 'wait', type: 'boolean', allowNo: true})).toBe('--[no-]wait')
  expect(flagLabel({name: 'set', type: 'option', helpValue: 'PATH=VALUE', multiple: true})).toBe('--set=PATH=VALUE...')
  expect(flagLabel({name: 'only', type: 'option'})).toBe('--only=ONLY')
})

test('descriptions have a column, and a long label has its own line', () => {
  const flags = [
    {
      name: 'set',
      type: 'option' as const,
      helpValue: 'PATH=VALUE',
      summary: 'value of the control plane, may be repeated',
    },
    {name: 'mode', type: 'option' as const, options: ['multi-primary', 'primary-remote'], summary: 'how clusters join'},
    {name: 'dry-run', type: 'option' as const, helpValue: 'X', summary: 'what to print', default: 'none'},
  ]
  expect(flagRows(flags, wrap)).toBe(
    [
      '--set=PATH=VALUE  value of the control plane, may be',
      '                  repeated',
      '--mode=multi-primary|primary-remote',
      '                  how clusters join',
      '--dry-run=X       what to print (default none)',
    ].join('\n'),
  )
})

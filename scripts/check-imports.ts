import {globSync, readFileSync} from 'node:fs'
import {wrongImports} from './imports.ts'

const files = globSync('src/**/*.ts').sort()
const wrong = wrongImports(Object.fromEntries(files.map(file => [file, readFileSync(file, 'utf8')])))
for (const {file, imports, why} of wrong) process.stderr.write(`${file}: imports ${imports}: ${why}\n`)
if (wrong.length > 0) process.exitCode = 1

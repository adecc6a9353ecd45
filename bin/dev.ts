#!/usr/bin/env node
// Runs the sources without a build. Node strips the types. It starts more slowly than bin/run.js.
import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {start} from '../src/main.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
start(process.argv.slice(2), {root, pjson: JSON.parse(text.replaceAll('./dist/', './src/')), ignoreManifest: true})

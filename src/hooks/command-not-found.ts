import type {Hook} from '@oclif/core/hooks'
import {unknownCommand} from '../terminal/unknown-command.ts'

/** Reports an unknown command with a suggestion. oclif passes the words joined by `:`. */
const hook: Hook.CommandNotFound = async ({id, config}) => {
  throw unknownCommand(
    id.split(':'),
    config.commands.filter(command => !command.hidden).map(command => command.id),
  )
}

export default hook

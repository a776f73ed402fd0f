import type { Command } from 'vscode-languageserver-types';
import type { Asked } from '../feature.js';

/** A title alone where the client does not have the command. */
export function commandFor(
  { client }: Pick<Asked, 'client'>,
  title: string,
  command: string,
  argument: object,
): Command {
  return client.commands.has(command) ? { title, command, arguments: [argument] } : { title, command: '' };
}

import type { ExtensionContext } from 'vscode';
import { type Api, activateExtension, type Extension } from './extension.js';

let extension: Extension | undefined;

export function activate(context: ExtensionContext): Api {
  extension = activateExtension(context, {
    host: 'web',
    createClient: async (...args) => (await import('./client-web.js')).createClient(...args),
  });
  return extension.api;
}

export function deactivate(): Promise<void> | undefined {
  return extension?.deactivate();
}

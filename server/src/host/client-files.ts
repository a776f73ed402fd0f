import type { Connection } from 'vscode-languageserver';
import type { FileContent, FileProvider } from '../workspace/files.js';

/** Files read by the client on the server's behalf, by way of `netpol/listFiles` and `netpol/readFile`. */
export function clientFiles(connection: Connection): FileProvider {
  return {
    list: (folder) => connection.sendRequest<readonly string[]>('netpol/listFiles', { folder }),
    async read(uri): Promise<FileContent> {
      try {
        return await connection.sendRequest<FileContent>('netpol/readFile', { uri });
      } catch (error) {
        return { error: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}

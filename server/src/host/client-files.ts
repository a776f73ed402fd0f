import ignore from 'ignore';
import type { Connection } from 'vscode-languageserver';
import { URI } from 'vscode-uri';
import { type FileContent, type FileProvider, isBelow, keyOf } from '../workspace/files.js';

/** Files read by the client on the server's behalf, by way of `netpol/listFiles` and `netpol/readFile`. */
export function clientFiles(connection: Connection): FileProvider {
  return {
    async list(folder, exclude) {
      const uris = await connection.sendRequest<readonly string[]>('netpol/listFiles', { folder });
      const excluded = ignore().add([...exclude]);
      return uris
        .map(keyOf)
        .filter(
          (uri) =>
            !isBelow(uri, folder) || !excluded.ignores(URI.parse(uri).path.slice(URI.parse(folder).path.length + 1)),
        );
    },
    async read(uri): Promise<FileContent> {
      try {
        return await connection.sendRequest<FileContent>('netpol/readFile', { uri });
      } catch (error) {
        return { error: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}

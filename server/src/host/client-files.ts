import ignore from 'ignore';
import { URI } from 'vscode-uri';
import { type FileContent, type FileProvider, isBelow, keyOf } from '../workspace/files.js';

/** The way to ask the client for something. */
export interface Asking {
  request<R>(method: string, params: object): Promise<R>;
}

/** Files read by the client on the server's behalf, by way of `netpol/listFiles` and `netpol/readFile`. */
export function clientFiles(client: Asking): FileProvider {
  return {
    async list(folder, exclude) {
      const uris = await client.request<readonly string[]>('netpol/listFiles', { folder });
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
        return await client.request<FileContent>('netpol/readFile', { uri });
      } catch (error) {
        return { error: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}

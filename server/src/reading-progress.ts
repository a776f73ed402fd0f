import type { Connection } from './connection.js';

/** Shows how far the reading of a workspace is, and lets a person stop it. */
export interface ReadingProgress {
  report(done: number, all: number): void;
  /** A person has asked to stop. */
  isCancelled(): boolean;
  end(): void;
}

const silent: ReadingProgress = { report: () => {}, isCancelled: () => false, end: () => {} };

/** Below this number of files the reading is over before anybody could look. */
const worthShowing = 500;

let tokens = 0;

/** For clients that show the progress of work (`window.workDoneProgress`, LSP 3.15); others are told nothing. */
export function readingProgress(connection: Connection, isShown: boolean): ReadingProgress {
  if (!isShown) return silent;
  const token = `netpol/reading/${++tokens}`;
  const say = (value: object) => connection.notify('$/progress', { token, value });
  let state: 'waiting' | 'asked' | 'shown' | 'refused' = 'waiting';
  let ended = false;
  let cancelled = false;
  let told = -1;
  const forget = connection.onCancelledProgress(token, () => {
    cancelled = true;
  });
  const begin = async () => {
    state = 'asked';
    try {
      await connection.request('window/workDoneProgress/create', { token });
      state = 'shown';
      if (!ended) say({ kind: 'begin', title: 'netpol: reading manifests', cancellable: true, percentage: 0 });
    } catch (error) {
      state = 'refused';
      connection.log('info', `The client shows no progress: ${String(error)}`);
    }
  };
  return {
    report(done, all) {
      if (all < worthShowing) return;
      if (state === 'waiting') void begin();
      const percentage = Math.floor((done / all) * 100);
      if (state !== 'shown' || percentage === told) return;
      told = percentage;
      say({ kind: 'report', message: `${done} of ${all} files`, percentage });
    },
    isCancelled: () => cancelled,
    end() {
      ended = true;
      forget();
      if (state === 'shown') say({ kind: 'end' });
    },
  };
}

/** Carries events from work that runs on its own to someone who reads them one by one. */
export interface EventQueue<T> {
  readonly push: (event: T) => void;
  /** No more events will come; reading ends after those that are waiting. */
  readonly close: () => void;
  readonly read: () => AsyncGenerator<T, void>;
}

/**
 * A queue without bound. The work never waits for its reader, so a reader that stops, such as a terminal that went
 * away, cannot stop secrets from being delivered.
 */
export function eventQueue<T>(): EventQueue<T> {
  const waiting: T[] = [];
  let closed = false;
  let wake: (() => void) | undefined;
  const signal = (): void => {
    wake?.();
    wake = undefined;
  };
  return {
    push: (event) => {
      waiting.push(event);
      signal();
    },
    close: () => {
      closed = true;
      signal();
    },
    read: async function* () {
      for (;;) {
        for (let event = waiting.shift(); event !== undefined; event = waiting.shift()) yield event;
        if (closed) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

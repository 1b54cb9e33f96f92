import type { KeyApi } from "./key-api.ts";

/** The longest word of where a change set comes from, in characters. */
const LONGEST = 200;

/** The same platform, where each change set says for the history where it was made, such as a machine or a run in CI. */
export function committedFrom(api: KeyApi, from: string): KeyApi {
  const place = from.slice(0, LONGEST);
  return {
    ...api,
    commit: (account, changeSet, options) => api.commit(account, { from: place, ...changeSet }, options),
  };
}

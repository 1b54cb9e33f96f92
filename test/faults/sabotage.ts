import type { ChangeSet } from "../../src/api/change-set.ts";
import { MAX_PAGE, type KeyApi } from "../../src/api/key-api.ts";

/** What a test takes away, to show that the harness notices. */
export type Sabotage = "none" | "read-back-lies" | "acknowledged-before-delivery" | "no-preconditions" | "no-guard";

/** The platform as it would be without that protection. */
export function sabotaged(api: KeyApi, sabotage: Sabotage): KeyApi {
  if (sabotage === "acknowledged-before-delivery") {
    return {
      ...api,
      commit: async (account, changeSet, options) => {
        const result = await api.commit(account, changeSet, options);
        const changes = changeSet.changes.flatMap((change, index) => {
          const made = change.action === "create" || change.action === "add-credential" ? change.credential : null;
          const id = result.results[index]?.id;
          return made === null || id === undefined ? [] : [{ action: "acknowledge" as const, id, credential: made.id }];
        });
        const message = "acknowledged at once";
        const id = `at-once-${changeSet.id}`.slice(0, 64);
        if (changes.length > 0 && !result.replayed) {
          await api.commit(account, { id, project: changeSet.project, message, changes });
        }
        return result;
      },
    };
  }
  if (sabotage === "no-preconditions") {
    return {
      ...api,
      commit: async (account, changeSet, options) => {
        const { keys } = await api.listKeys(account, { limit: MAX_PAGE });
        const revisions = new Map(keys.map(({ id, revision }) => [id, revision]));
        const changes = changeSet.changes.map((change) =>
          "revision" in change ? { ...change, revision: revisions.get(change.id) ?? change.revision } : change,
        );
        const blind: ChangeSet = { ...changeSet, changes };
        return await api.commit(account, blind, options);
      },
    };
  }
  return api;
}

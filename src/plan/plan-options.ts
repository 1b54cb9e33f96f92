/** What the author of a run allows. Every guard has its own option; none opens two (field row 21). */
export interface PlanOptions {
  /** Take over live keys that nobody manages and that the declaration names. */
  readonly adopt: boolean;
  /** The one other project from which declared keys are taken over. */
  readonly takeover?: string | undefined;
  /** The most keys that may be deleted, or the most per cent of the project's live keys; null if the author said nothing. */
  readonly maxDeletes: { readonly count: number } | { readonly percent: number } | null;
  /** Allow a change that takes this run's own key its access. */
  readonly allowLockout: boolean;
  /** Show new secrets of keys without a delivery on the terminal, so they too get a credential. */
  readonly reveal: boolean;
}

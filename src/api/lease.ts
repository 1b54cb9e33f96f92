/**
 * Who may write for a project of an account at a time, so that two runners do not do the same work twice. A lease ends by
 * itself; nobody can end another's. No write's safety depends on it: preconditions decide, and the lease saves the waste.
 */
export interface Lease {
  readonly project: string;
  /** Rises by one each time that the lease passes to another runner; a {@link ChangeSet} may bear it. */
  readonly fence: number;
  readonly holder: LeaseHolder;
  readonly takenAt: string;
  /** By the store's own clock. */
  readonly leaseUntil: string;
  /** Milliseconds until then, for those whose clock is another; 0 if it has passed. */
  readonly remaining: number;
}

/** Who holds a lease, in words for those who wait. Only `actor` is the platform's own knowledge. */
export interface LeaseHolder {
  readonly actor: string;
  readonly host: string;
  /** Its process, or the address of its run in CI. */
  readonly process: string;
  readonly command: string;
}

/** What proves that a lease is one's own. */
export interface LeaseGrip {
  /** The project in whose name is written. */
  readonly project: string;
  /** Drawn by the runner for one run, told to nobody; 16 to 64 letters, digits, `-` or `_`. */
  readonly runner: string;
}

/** The question for a lease. */
export interface LeaseRequest extends LeaseGrip, Omit<LeaseHolder, "actor"> {}

/** `granted: false`: another runner holds it, and this is its lease. */
export interface LeaseAnswer {
  readonly granted: boolean;
  readonly lease: Lease;
}

/** How long a lease lasts from its taking or its last renewal, in milliseconds. */
export const LEASE_MS = 60_000;

/** The most characters of each word about a holder. */
export const HOLDER_LENGTH = 500;

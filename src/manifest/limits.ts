/** The largest file that is read: 16 MiB (design section 7). */
export const MAX_FILE_BYTES: number = 16 * 1024 * 1024;

/** The most lines that are read: few bytes can be very many lines, and each costs time. */
export const MAX_LINES = 2_000_000;

/** The deepest nesting that is read (design section 7). */
export const MAX_DEPTH = 32;

/** The most values, after aliases, for each MiB of a file; a smaller file may hold as many (design section 7). */
export const NODES_PER_MIB = 200_000;

/** The most problems of one kind in one file that are told one by one; the others are counted. */
export const MAX_ALIKE = 200;

/** The most findings of one schema keyword in one file that are kept; with more, only the schema is held against it. */
export const MAX_FINDINGS = 5_000;

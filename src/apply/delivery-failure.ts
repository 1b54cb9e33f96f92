/** A secret could not be put where it was to go: the world's doing, in a sentence for the author. Never leaves a sink. */
export class DeliveryFailure extends Error {
  override readonly name = "DeliveryFailure";
}

/** The system's code of a failed file operation, such as `ENOENT`; undefined for other errors. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file may not grow that large",
  EIO: "the disk failed",
  ELOOP: "it is a symbolic link",
  ENOENT: "it is not there",
  ENXIO: "it is not a regular file",
  ENAMETOOLONG: "the path is too long",
  EMFILE: "too many files are open",
};

/**
 * What failed as one sentence that names the file. System texts are not passed on, because they hold absolute paths; an
 * error that the world did not cause is our bug and is thrown on.
 */
export function failureText(file: string, error: unknown): string {
  if (error instanceof DeliveryFailure) return error.message;
  const code = errorCode(error);
  if (code === undefined) throw error;
  return `${file} cannot be written: ${REASONS[code] ?? code}`;
}

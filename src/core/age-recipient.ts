const CHARACTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
/** The words of the prefix `age`: its letters' high bits, a zero, their low bits. */
const PREFIX = [3, 3, 3, 0, 1, 7, 5];

/**
 * True for the public key of an age identity: `age1`, 52 characters of Bech32 for 32 bytes, and 6 that prove that none is
 * mistyped. A secret that is encrypted to a mistyped one would be lost, so it is refused before anything is planned.
 */
export function isAgeRecipient(text: string): boolean {
  const words = /^age1([02-9ac-hj-np-z]{58})$/.exec(text)?.[1];
  if (words === undefined) return false;
  const data = Array.from(words, (character) => CHARACTERS.indexOf(character));
  // The last of 52 words of 5 bits holds one bit of the 256 and four that are zero.
  return ((data[51] ?? 31) & 15) === 0 && polymod([...PREFIX, ...data]) === 1;
}

/** The checksum of BIP 173. */
function polymod(values: readonly number[]): number {
  let check = 1;
  for (const value of values) {
    const top = check >>> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    for (const [bit, term] of GENERATOR.entries()) if (((top >> bit) & 1) === 1) check ^= term;
  }
  return check >>> 0;
}
